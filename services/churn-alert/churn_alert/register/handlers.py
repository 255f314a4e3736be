"""Entries by rule, from what is heard, and by people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from churn_alert.register.domain import entries
from churn_alert.register.domain.entries import Change, CustomerNotKnown, Entry, Outcome, RiskEntryNotFound, check_due
from churn_alert.register.domain.rules import Held, RegisterRules, Signal, of_holdings, of_missed_answer
from churn_alert.register.domain.words import Severity
from churn_alert.register.store import entries as store
from churn_alert.staff import check_assignee
from rapport.events.bank import HoldingChanged
from rapport.events.base import AnyReceived, Received
from rapport.events.feedback import ResponseOverdue
from rapport.events.money import minor_units
from rapport.ids import derived_id, new_id
from rapport.messaging.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Register:
    """What entries are opened by; days are those of `zone`."""

    rules: RegisterRules
    zone: tzinfo


async def on_holdings(tx: Transaction, events: Sequence[Received[HoldingChanged]], *, register: Register) -> None:
    """What a customer holds opens, changes and ends entries of credit risk; by the highest revision, not by arrival."""
    customers = {event.data.customer_id for event in events}
    known = await store.revisions_of(tx.connection, customers)
    said: list[tuple[AnyReceived, Signal]] = []
    for event in events:
        if event.data.revision > known.get(event.data.customer_id, 0):
            known[event.data.customer_id] = event.data.revision
            rules = register.rules.at(event.at)
            held = _held(event.data, rules.currency)
            said += [(event, signal) for signal in of_holdings(held, rules)]
    await store.keep_revisions(tx.connection, known)
    await _follow(tx, said, register, is_event=False)


async def on_missed_answers(
    tx: Transaction, events: Sequence[Received[ResponseOverdue]], *, register: Register
) -> None:
    """An answer that was not given in time is an operational risk; the next one is a line of the same entry."""
    said = [(event, of_missed_answer(event.data.clock, register.rules.at(event.at))) for event in events]
    await _follow(tx, [one for one in said if one[1].severity is not None], register, is_event=True)


async def _follow(
    tx: Transaction, said: Iterable[tuple[AnyReceived, Signal]], register: Register, *, is_event: bool
) -> None:
    said = list(said)
    if not said:
        return
    open_now = await store.open_by_rule(tx.connection, {event.data.customer_id for event, _ in said})
    changes: list[Change] = []
    for event, signal in said:
        place = (event.data.customer_id, signal.cause)
        change = _following(open_now.get(place), event, signal, register, is_event=is_event)
        if change is None:
            continue
        changes.append(change)
        if change[0].status == "closed":
            del open_now[place]
        else:
            open_now[place] = change[0]
    await store.save(tx.connection, changes, known_at=tx.now)


def _following(
    entry: Entry | None, event: AnyReceived, signal: Signal, register: Register, *, is_event: bool
) -> Change | None:
    if entry is not None:
        return entries.follow(entry, signal, event.at, is_event=is_event)
    if signal.severity is None:
        return None
    entry_id = derived_id(event.time, "risk-entry", event.id, signal.cause)
    rules = register.rules.at(event.at)
    kind = rules.kind_of(signal.cause)
    due_on = _today(event.at, register) + timedelta(days=signal.due_days)
    new = Entry(
        entry_id,
        kind,
        signal.cause,
        event.data.customer_id,
        signal.severity,
        rules.version,
        None,
        event.at,
        due_on,
    )
    return entries.opened(new)


def _held(fact: HoldingChanged, currency: str) -> list[Held]:
    """Products that are held; money in another currency than the bank's is left out."""
    return [
        Held(one.kind == "loan", _minor(one.amount, one.currency) if one.currency == currency else 0, one.loan_class)
        for one in fact.holdings
        if one.status == "active"
    ]


def _minor(amount: str, currency: str) -> int:
    return -minor_units(amount[1:], currency) if amount.startswith("-") else minor_units(amount, currency)


async def open_entry(
    tx: Transaction,
    register: Register,
    *,
    cause: str,
    customer_id: str | None,
    severity: Severity,
    due_on: date,
    by: str,
) -> Entry:
    """Somebody has found a risk. Raises CauseUnknown, DueDateOver, and CustomerNotKnown of who is destroyed."""
    if customer_id in tx.destroyed:
        raise CustomerNotKnown
    at = _clock(tx, customer_id)
    check_due(due_on, _today(at, register))
    kind = register.rules.at(at).kind_of(cause)
    new = Entry(new_id(), kind, cause, customer_id, severity, None, by, at, due_on)
    return await _saved(tx, entries.opened(new))


async def assign_entry(
    tx: Transaction,
    register: Register,
    entry_id: UUID,
    *,
    owner: str,
    due_on: date,
    severity: Severity,
    by: str,
    is_bound: bool,
) -> Entry:
    """`is_bound`: by the unit, as a lead is. Raises what `entries.assign` raises, RiskEntryNotFound, and what
    `check_assignee` raises.
    """
    found = await _found(tx, entry_id)
    at = _clock(tx, found.customer_id)
    today = _today(at, register)
    change = entries.assign(found, at, by, owner=owner, due_on=due_on, severity=severity, today=today)
    roles = register.rules.at(at).owner_roles
    await check_assignee(tx.connection, to=owner, by=by, is_bound=is_bound, roles=roles)
    return await _saved(tx, change)


async def close_entry(tx: Transaction, entry_id: UUID, outcome: Outcome, *, by: str) -> Entry:
    """Raises RiskEntryClosed and RiskEntryNotFound."""
    found = await _found(tx, entry_id)
    return await _saved(tx, entries.close(found, _clock(tx, found.customer_id), outcome, by))


async def _found(tx: Transaction, entry_id: UUID) -> Entry:
    found = await store.hold(tx.connection, entry_id)
    if found is None:
        raise RiskEntryNotFound
    return found


async def _saved(tx: Transaction, change: Change) -> Entry:
    await store.save(tx.connection, [change], known_at=tx.now)
    return change[0]


def _clock(tx: Transaction, customer_id: str | None) -> datetime:
    """The time it is for the customer; of a risk that is no customer's, the latest that it is for any."""
    return tx.furthest_clock if customer_id is None else tx.clock_of(customer_id)


def _today(at: datetime, register: Register) -> date:
    return at.astimezone(register.zone).date()
