"""One simulated customer: carries out what a day brings, in order of time, and keeps every balance right."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Literal

from rapport.events.bank import AccountChanged, CustomerRecorded, RiskAssessed
from rapport.events.base import Event
from simulator.bank.assessment import assessed
from simulator.bank.automatic import automatic_postings
from simulator.bank.corrections import Corrections
from simulator.bank.credit import REVIEWED_ON, review
from simulator.bank.intents import (
    Account,
    Intent,
    Leaving,
    NewAddress,
    Outflow,
    Posting,
    Reversal,
    Review,
    Use,
    Word,
)
from simulator.bank.kinds import DEPOSIT, MOVE_AWAY
from simulator.bank.life import HOUR, Life
from simulator.bank.own import own_doings
from simulator.bank.people import Person
from simulator.bank.plan import BusinessDay
from simulator.bank.plants import Plant
from simulator.bank.seldom import seldom
from simulator.bank.writing import Booked, CustomerPen, Reversed, yuan
from simulator.wire import Record, moment

Draft = tuple[int, int, int, Callable[..., Record], tuple[Any, ...]]
"""Time, customer, number and how to write the record then: drafts sort into the bank's one order of time."""
_MINUTE = 60_000


@dataclass(slots=True)
class Customer:
    """A customer between two days."""

    number: int
    life: Life
    person: Person
    pen: CustomerPen
    corrections: Corrections
    joins: int
    """Index of the day; on day 0 those who were there before."""
    since: date
    region: str
    manager: str | None
    told: int = 0
    last_ms: int = 0
    is_gone: bool = False
    plant: Plant | None = None

    def live(self, day: BusinessDay, drafts: list[Draft]) -> None:
        """One day: add what there is to tell, in order of time."""
        if day.index < self.joins or self.is_gone:
            return
        if day.index == self.joins:
            self._open(day, drafts)
            return
        life, pace = self.life, self.life.course.pace(day.index)
        intents: list[Intent] = [*automatic_postings(life, day), *own_doings(life, day, pace), *seldom(life, day, pace)]
        if day.date.day == REVIEWED_ON:
            intents += review(life, day)
        if self.plant is not None:
            intents += self.plant.due(day, life.accounts[0])
        if self.corrections.waiting:
            intents += self.corrections.due(day)
        intents.sort(key=itemgetter(0))
        for intent in intents:
            self.last_ms = max(intent.ms, self.last_ms + 1)
            self._carry_out(intent, drafts)

    def _carry_out(self, intent: Intent, drafts: list[Draft]) -> None:
        match intent:
            case Posting():
                self._post(intent, drafts)
            case Reversal():
                self._take_back(intent, drafts)
            case Use():
                self._draft(drafts, self.pen.interaction, intent.kind, intent.channel)
            case Outflow():
                minor = -int(intent.account.balance * intent.share)
                self._post(Posting(intent.ms, intent.account, min(minor, 0), MOVE_AWAY), drafts)
            case Leaving():
                self._leave(drafts)
            case _:
                self._tell(drafts, self._news(intent))

    def _news(self, intent: Word | NewAddress | Review) -> Event:
        match intent:
            case Word():
                return intent.feedback.model_copy(update={"submitted_at": moment(self.last_ms)})
            case NewAddress():
                self.person = self.person.moved(self.life.rng)
                return self._file("active")
            case Review():
                self.life.holdings.review(intent.loan_class)
                return self.life.holdings.event(self.pen.customer_id, self.last_ms)

    def _post(self, posting: Posting, drafts: list[Draft]) -> None:
        account, minor = posting.account, posting.minor
        if minor == 0 or (minor < 0 and account.balance + minor < account.floor):
            return
        self._book(account, minor, posting, drafts)
        if posting.to is not None:
            self.last_ms += 1
            self._book(posting.to, -minor, posting, drafts)
        if posting.product is not None:
            held = self.life.holdings
            held.change(posting.product, minor if posting.product == held.loan else -minor)
            self.last_ms += 1
            self._tell(drafts, held.event(self.pen.customer_id, self.last_ms))

    def _book(self, account: Account, minor: int, posting: Posting, drafts: list[Draft]) -> None:
        account.balance += minor
        is_whole = posting.product is None and posting.to is None
        dated_ms = self.corrections.dated(account, self.last_ms) if is_whole else self.last_ms
        booked = Booked(account.account_id, minor, posting.kind, posting.product, account.balance, dated_ms)
        self._draft(drafts, self.pen.transaction, booked)
        if account.first_ms is None:
            account.first_ms = self.last_ms
        if is_whole:
            self.corrections.look_at(account, booked, self.pen.transaction_no(self.told))

    def _take_back(self, reversal: Reversal, drafts: list[Draft]) -> None:
        account, taken = reversal.account, reversal.taken_back
        if taken.minor > 0 and account.balance - taken.minor < account.floor:
            return
        account.balance -= taken.minor
        reverses = Reversed(reversal.transaction_no, taken)
        booked = Booked(account.account_id, -taken.minor, taken.kind, None, account.balance, self.last_ms, reverses)
        self._draft(drafts, self.pen.transaction, booked)

    def _open(self, day: BusinessDay, drafts: list[Draft]) -> None:
        """A customer from before the history is told at its first midnight as they stand; a new one comes in at ten."""
        is_new = day.index > 0
        self.last_ms = day.start_ms + (10 * HOUR if is_new else _MINUTE)
        self._tell(drafts, self._file("active"))
        # Beside the numbering of what is told: nothing else of this life changes by it.
        drafts.append((self.last_ms, self.number, 0, self.pen.event, (0, self.last_ms, self._assessment(day.date))))
        for account in self.life.accounts:
            stands = account.balance
            account.balance = 0 if is_new else stands
            self.last_ms += 1
            self._tell(drafts, self._state_of(account, "open"))
            if is_new:
                self.last_ms += 5 * _MINUTE
                self._post(Posting(self.last_ms, account, stands, DEPOSIT), drafts)
        if self.life.holdings.amounts:
            self.last_ms += 1
            self._tell(drafts, self.life.holdings.event(self.pen.customer_id, self.last_ms))

    def _leave(self, drafts: list[Draft]) -> None:
        for account in self.life.accounts:
            kind = MOVE_AWAY if account.balance > 0 else DEPOSIT  # an overdraft is paid off first
            self._post(Posting(self.last_ms, account, -account.balance, kind), drafts)
            self.last_ms += 1
            self._tell(drafts, self._state_of(account, "closed"))
            self.last_ms += 1
        self._tell(drafts, self._file("closed"))
        self.is_gone = True

    def _state_of(self, account: Account, status: Literal["open", "closed"]) -> AccountChanged:
        now = moment(self.last_ms)
        return AccountChanged(
            account_id=account.account_id,
            customer_id=self.pen.customer_id,
            type=account.type,
            status=status,
            opened_on=self.since,
            closed_on=now.date() if status == "closed" else None,
            balance=yuan(account.balance),
            currency="CNY",
            as_of=now,
        )

    def _file(self, status: Literal["active", "closed"]) -> CustomerRecorded:
        return CustomerRecorded(
            customer_id=self.pen.customer_id,
            identity=self.person.identity,
            birth_year=self.person.born.year,
            gender=self.person.gender,
            unit=self.life.unit,
            region=self.region,
            relationship_manager=self.manager,
            customer_since=self.since,
            status=status,
            recorded_at=moment(self.last_ms),
        )

    def _assessment(self, day: date) -> RiskAssessed:
        return assessed(self.pen.customer_id, self.life.holdings, self.since, moment(self.last_ms), day)

    def _tell(self, drafts: list[Draft], event: Event) -> None:
        self._draft(drafts, self.pen.event, event)

    def _draft(self, drafts: list[Draft], write: Callable[..., Record], *told: object) -> None:
        self.told += 1
        drafts.append((self.last_ms, self.number, self.told, write, (self.told, self.last_ms, *told)))
