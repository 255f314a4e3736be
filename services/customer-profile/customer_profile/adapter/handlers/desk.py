"""The postings of one transaction: told once each to the customer who holds the account, or kept until they can be."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from customer_profile.adapter.domain.postings import OPPOSITE, Number, Posting, holder, why_not_reversed
from customer_profile.adapter.handlers.quality import Quality
from customer_profile.adapter.records import NOBODY, CoreRecord
from customer_profile.adapter.store import postings
from rapport.events.bank import AccountChanged, ReversedTransaction, TransactionRecorded
from rapport.events.base import Received
from rapport.messaging.transaction import Transaction

Record = Received[CoreRecord]
Holders = dict[str, tuple[datetime, str] | None]


def by_time(event: Record) -> tuple[datetime, str]:
    """In which order those that waited are released: of their business time, then of their number."""
    return event.time, event.data.number.transaction_no


class Desk:
    """`holders`: of the accounts of this transaction, which are locked."""

    def __init__(self, tx: Transaction, holders: Holders, quality: Quality) -> None:
        self._tx = tx
        self._quality = quality
        self._holders = holders
        self._gone: Collection[str] = ()
        self._changed: dict[str, tuple[datetime, str]] = {}
        self._known: dict[Number, Posting] = {}
        self._taken_back: set[Number] = set()
        self._told: list[Posting] = []
        self._orphans: list[tuple[Record, str]] = []
        self._reversals: defaultdict[Number, list[Record]] = defaultdict(list)

    def hear(self, accounts: Iterable[Received[AccountChanged]]) -> list[str]:
        """Keep who holds these accounts; returns those that had no holder before."""
        found = []
        for event in accounts:
            account = event.data
            before = self._holders.get(account.account_id)
            after = holder(before, (account.as_of, account.customer_id))
            if before is None:
                found.append(account.account_id)
            if after != before:
                self._holders[account.account_id] = self._changed[account.account_id] = after
        return found

    def remember(self, known: Mapping[Number, Posting], taken_back: Collection[Number]) -> None:
        """What was told before, and what of it was reversed."""
        self._known.update(known)
        self._taken_back.update(taken_back)

    def leave_out(self, gone: Collection[str]) -> None:
        """Tell nothing of these customers, whose files were destroyed."""
        self._gone = gone

    def take(self, event: Record) -> None:
        """Tell a posting and the reversals that came before it; or know it again, refuse it, keep it."""
        record, fact = event.data, posting_of(event)
        before = self._known.get(record.number)
        if self._customer_of(fact) in self._gone:
            self._tx.leave(event, "skipped")
        elif before is not None:
            self._meet_again(event, before)
        elif record.original is not None:
            self._take_reversal(event, fact)
        elif (customer := self._customer_of(fact)) is None:
            self._orphans.append((event, f"account:{fact.account_id}"))
            self._quality.note(event, "account_id", "before-its-account")
        else:
            self._tell(event, fact.model_copy(update={"customer_id": customer}))

    def _meet_again(self, event: Record, before: Posting) -> None:
        if before.content == event.fingerprint:
            self._tx.leave(event, "duplicate")
        else:
            self._quality.refuse(event, [("transaction_no", "seen-before-with-other-content")])

    def _customer_of(self, fact: TransactionRecorded) -> str | None:
        if fact.customer_id != NOBODY:
            return fact.customer_id
        held = self._holders.get(fact.account_id)
        return held[1] if held else None

    def _take_reversal(self, event: Record, fact: TransactionRecorded) -> None:
        original = self._known.get(_original(event))
        if original is None:
            self._reversals[_original(event)].append(event)
            return
        why = why_not_reversed(original, account_id=fact.account_id, amount=fact.amount, currency=fact.currency)
        if original.number in self._taken_back:
            why = "reversal.of", "taken-back-before"
        if why is not None:
            self._quality.refuse(event, [why])
            return
        reverses = ReversedTransaction(
            transaction_no=original.number.transaction_no,
            amount=original.amount,
            occurred_at=original.occurred_at,
            balance_after=original.balance_after,
        )
        # To whom its original was told, whoever holds the account now, and against it, whatever the core calls that.
        turned = {"customer_id": original.customer_id, "direction": OPPOSITE[original.direction]}
        # Who counts by kind takes it out of the one that it was counted under.
        turned |= {"kind": original.kind or fact.kind}
        self._taken_back.add(original.number)
        self._tell(event, fact.model_copy(update=turned | {"reverses": reverses}))

    def _tell(self, event: Record, fact: TransactionRecorded) -> None:
        self._tx.tell(fact, time=fact.occurred_at, cause=event)
        number = event.data.number
        posting = Posting(
            number=number,
            account_id=fact.account_id,
            customer_id=fact.customer_id,
            direction=fact.direction,
            amount=fact.amount,
            currency=fact.currency,
            balance_after=fact.balance_after,
            occurred_at=fact.occurred_at,
            reverses=event.data.original,
            content=event.fingerprint,
            kind=fact.kind,
        )
        self._known[number] = posting
        self._told.append(posting)
        for reversal in self._reversals.pop(number, ()):
            self.take(reversal)

    async def save(self) -> None:
        """Keep what was told, and what has to wait."""
        await postings.save_holders(self._tx.connection, self._changed)
        await postings.save_postings(self._tx.connection, self._told)
        waiting = [(event, waits_for(number)) for number, events in self._reversals.items() for event in events]
        for event, _ in waiting:
            self._quality.note(event, "reversal.of", "before-its-original")
        parked = await postings.parked_among(self._tx.connection, [event.id for event, _ in self._orphans + waiting])
        for event, cause in self._orphans + waiting:
            if event.id in parked:  # told again after the inbox forgot it, and still waiting
                self._tx.leave(event, "duplicate")
            else:
                await self._tx.park(event, waiting_for=cause)


def posting_of(event: Record) -> TransactionRecorded:
    """The fact of a record that is a posting."""
    assert isinstance(event.data.fact, TransactionRecorded)
    return event.data.fact


def _original(event: Record) -> Number:
    assert event.data.original is not None
    return Number(event.data.source, event.data.original)


def waits_for(number: Number) -> str:
    """By what name a reversal is parked until its original comes."""
    return f"posting:{'/'.join(number)}"
