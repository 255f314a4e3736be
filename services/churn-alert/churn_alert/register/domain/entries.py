"""What can become of an entry: opened, changed by its rule, assigned, closed with its outcome. Nothing is erased.

One that nobody has taken up closes by itself once what its rule watches for is over; one that somebody owns says so and
stays with that person.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from churn_alert.register.domain.rules import Signal
from churn_alert.register.domain.words import Kind, Severity
from rapport.errors import DomainError

Status = Literal["open", "in-treatment", "closed"]
Outcome = Literal["mitigated", "accepted", "transferred", "materialised", "unfounded", "over"]
Step = Literal["opened", "severity-changed", "seen-again", "over", "assigned", "closed"]


class RiskEntryNotFound(DomainError):
    """There is no such entry."""


class RiskEntryClosed(DomainError):
    """The entry is closed; what comes after it opens another."""


class CustomerNotKnown(DomainError):
    """Nothing is known of this customer to whoever asks."""


class DueDateOver(DomainError):
    """due_on: lies before today; name today or a later day."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One risk. `customer_id`: None where it is no customer's. `rule_version`: None where people opened it."""

    entry_id: UUID
    kind: Kind
    cause: str
    customer_id: str | None
    severity: Severity
    rule_version: int | None
    opened_by: str | None
    opened_at: datetime
    due_on: date
    status: Status = "open"
    owner: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: Outcome | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class EntryStep:
    """One line of an entry's history; `number` is the entry's revision after it."""

    entry_id: UUID
    number: int
    step: Step
    at: datetime
    severity: Severity
    due_on: date
    owner: str | None
    by: str | None = None
    outcome: Outcome | None = None


Change = tuple[Entry, EntryStep]


def opened(entry: Entry) -> Change:
    """A new entry, with its first line."""
    return entry, _line(entry, "opened", entry.opened_at, entry.opened_by)


def follow(entry: Entry, signal: Signal, at: datetime, *, is_event: bool) -> Change | None:
    """What a rule says of an entry that is open; None where it says nothing new. `is_event`: it is of something that
    happened, and not of how things are: said again, it happened again.
    """
    if signal.severity is None:
        return over(entry, at)
    if signal.severity != entry.severity:
        return _stepped(replace(entry, severity=signal.severity), "severity-changed", at)
    return _stepped(entry, "seen-again", at) if is_event else None


def over(entry: Entry, at: datetime) -> Change:
    """What the rule watches for is so no more."""
    if entry.status == "open":
        return close(entry, at, "over", None)
    return _stepped(entry, "over", at)


def assign(entry: Entry, at: datetime, by: str, *, owner: str, due_on: date, severity: Severity, today: date) -> Change:
    """Somebody is to deal with it until a day. Raises RiskEntryClosed, DueDateOver."""
    if entry.status == "closed":
        raise RiskEntryClosed
    check_due(due_on, today)
    taken = replace(entry, status="in-treatment", owner=owner, due_on=due_on, severity=severity)
    return _stepped(taken, "assigned", at, by)


def close(entry: Entry, at: datetime, outcome: Outcome, by: str | None) -> Change:
    """It is dealt with. Raises RiskEntryClosed."""
    if entry.status == "closed":
        raise RiskEntryClosed
    at = max(at, entry.opened_at)
    return _stepped(replace(entry, status="closed", closed_at=at, closed_by=by, outcome=outcome), "closed", at, by)


def check_due(due_on: date, today: date) -> None:
    """Raises DueDateOver."""
    if due_on < today:
        raise DueDateOver


def _stepped(entry: Entry, step: Step, at: datetime, by: str | None = None) -> Change:
    after = replace(entry, revision=entry.revision + 1)
    return after, _line(after, step, at, by)


def _line(entry: Entry, step: Step, at: datetime, by: str | None) -> EntryStep:
    return EntryStep(
        entry.entry_id, entry.revision, step, at, entry.severity, entry.due_on, entry.owner, by, entry.outcome
    )
