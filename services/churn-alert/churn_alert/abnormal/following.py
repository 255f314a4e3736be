"""What becomes of leads when findings begin, grow or are not true after all, and by silence: saved, and told to
compliance alone."""

from collections import ChainMap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from churn_alert.abnormal.domain import becoming
from churn_alert.abnormal.domain.becoming import Due
from churn_alert.abnormal.domain.finding import Change
from churn_alert.abnormal.domain.judging import Finding, day_of_key
from churn_alert.abnormal.domain.leads import Lead, LeadStep, Stepped
from churn_alert.abnormal.facts import Watch, due_on, end_of, fact_of, lead_id_of
from churn_alert.abnormal.store import leads as store
from rapport.events.base import AnyReceived
from rapport.messaging.transaction import Transaction, Transactions

_PAGE = 500


class Followed(NamedTuple):
    """A change, as of when, and what caused it; None: a posting on another file of the person."""

    change: Change
    at: datetime
    cause: AnyReceived | None


class Leads:
    """Leads while something is done with them: each step is noted and told, all are saved at once."""

    def __init__(self, tx: Transaction, known: dict[UUID, Lead]) -> None:
        self.known = known
        self._tx = tx
        self._steps: list[LeadStep] = []

    def note(self, stepped: Stepped, *, cause: AnyReceived | None = None) -> Lead:
        """A step that is told."""
        lead, step = stepped
        self.known[lead.lead_id] = lead
        self._steps.append(step)
        self._tx.tell(fact_of(lead, step.step, step.at), time=step.at, cause=cause or f"{lead.lead_id}:{step.number}")
        return lead

    def note_silently(self, stepped: Stepped) -> Lead:
        """A step of somebody of compliance, which nobody need be told of."""
        lead, step = stepped
        self.known[lead.lead_id] = lead
        self._steps.append(step)
        return lead

    def lived(self, lead: Lead, at: datetime) -> Lead:
        """The lead as it is at this moment: overdue, once its day is over."""
        if lead.due_at is None or lead.due_at > at:
            return lead
        if stepped := becoming.overdue(lead):
            return self.note(stepped)
        # A process of the release before did what was due, and knew of no moment to take back.
        self.known[lead.lead_id] = settled = replace(lead, due_at=None)
        return settled

    async def save(self) -> None:
        """Write them as they are now, and what led there."""
        tx = self._tx
        await store.save(tx.connection, self.known, self._steps, known_at=tx.now, partition_of=tx.partition_of)


async def keep_leads(
    tx: Transaction, followed: Sequence[Followed], *, watch: Watch, held: Mapping[UUID, Lead] | None = None
) -> None:
    """Begin leads, alter their figures, withdraw them, in this order of changes; nothing is erased.

    `held`: leads of files that are destroyed, which are read and never written back.
    """
    if not followed:
        return
    ids = [_ids_of(one.change) for one in followed]
    found = await store.find_many(tx.connection, {lead_id for of_change in ids for lead_id in of_change})
    book = Leads(tx, found)
    known = ChainMap(book.known, dict(held or {}))
    for (lead_id, *elsewhere), one in zip(ids, followed, strict=True):
        if (before := book.known.get(lead_id)) is not None:
            before = book.lived(before, one.at)
        _follow(book, lead_id, before, [known[other] for other in elsewhere if other in known], one, watch)
    await book.save()


def _ids_of(change: Change) -> list[UUID]:
    return [lead_id_of(one, change.key) for one in (change.customer_id, *change.others)]


def _follow(
    book: Leads, lead_id: UUID, lead: Lead | None, elsewhere: Sequence[Lead], one: Followed, watch: Watch
) -> None:
    finding, what = one.change.finding, one.change.what
    rules = watch.rules.on(day_of_key(one.change.key))
    if finding is None:
        if lead is not None and lead.is_true:
            book.note(becoming.withdrawn(lead, one.at, handed_over=what == "handed-over"), cause=one.cause)
        elif lead is not None and lead.handed_over and what == "given-back":
            begun = becoming.given_back(lead, one.at, _due(lead.due_on, watch).at)
            book.note(becoming.taken_over(begun, elsewhere), cause=one.cause)
        return
    if lead is not None and lead.is_true:
        if what == "late":
            finding = becoming.with_late(lead, finding)
        if stepped := becoming.followed(lead, finding, one.at, rules.growth):
            book.note(stepped, cause=one.cause)
        else:
            book.known[lead_id] = becoming.altered(lead, finding)
    elif what != "late" or finding.minor >= (finding.threshold or 0) or any(other.is_true for other in elsewhere):
        begun = _begun(lead_id, lead, finding, one, watch)
        book.note(becoming.taken_over(begun, elsewhere) if what == "found" else begun, cause=one.cause)


def _begun(lead_id: UUID, lead: Lead | None, finding: Finding, one: Followed, watch: Watch) -> Stepped:
    due = _due(due_on(finding.kind, one.change.key, one.at, watch) if lead is None else lead.due_on, watch)
    if lead is not None:
        return becoming.found_again(lead, finding, one.at, due.at)
    version = watch.rules.on(day_of_key(one.change.key)).version
    return becoming.found(lead_id, one.change.customer_id, finding, one.at, due, version)


def _due(day: date, watch: Watch) -> Due:
    return Due(day, end_of(day, watch))


async def fire_due_leads(tx: Transaction, customer_ids: Collection[str]) -> None:
    """Say of the leads of these customers, who are held, which are overdue, as of the moment at which they were."""
    clocks = {one: tx.clock_of(one) for one in customer_ids}
    book = Leads(tx, await store.due_of(tx.connection, clocks))
    for lead in list(book.known.values()):
        book.lived(lead, clocks[lead.customer_id])
    await book.save()


async def date_leads(transactions: Transactions, *, watch: Watch) -> None:
    """Upkeep: say from when on leads are overdue that a process of the release before found, which knew of no such
    moment; a page at a time, and of customers who are busy, later.
    """
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with transactions.begin() as tx:
            page = await store.undated(tx.connection, after=after, limit=_PAGE)
            free = set(await tx.lock_free({one.customer_id for one in page}))
            dated = {one.lead_id: end_of(one.due_on, watch) for one in page if one.customer_id in free}
            partitions = [tx.partition_of(one.customer_id) for one in page if one.customer_id in free]
            await store.set_due(tx.connection, dated, partitions)
        after = page[-1].lead_id if len(page) == _PAGE else None
