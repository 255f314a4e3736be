"""What happened to a case, line by line: never changed, and each line with both times."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from feedback.case.domain.clocks import Clock
from feedback.case.domain.lifecycle import Case

Happening = Literal["recorded", "opened", "responded", "resolved", "reopened", "respond-overdue", "resolve-overdue"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. A run has each happening at most once, so (case, run, happening) names it.

    `happened_at` is when it was so on the customer's clock, `recorded_at` when it was written. `words` is encrypted.
    `consent_version`: of the customer's consents, as known when it was written; the store puts it there.
    """

    case_id: UUID
    run: int
    happening: Happening
    happened_at: datetime
    recorded_at: datetime
    actor: str | None = None
    root_cause: str | None = None
    words: bytes | None = field(default=None, repr=False)
    consent_version: int | None = None


def breach_entry(clock: Clock, *, recorded_at: datetime) -> Entry:
    """A clock ran out, as of its deadline, whenever that was noticed."""
    happening: Happening = "respond-overdue" if clock.name == "respond" else "resolve-overdue"
    return Entry(clock.case_id, clock.run, happening, clock.deadline_at, recorded_at)


def status_entry(
    case: Case, happened_at: datetime, *, recorded_at: datetime, actor: str | None, words: bytes | None = None
) -> Entry:
    """The case came to the status it has now."""
    root_cause = case.root_cause if case.status == "resolved" else None
    return Entry(case.case_id, case.run, case.status, happened_at, recorded_at, actor, root_cause, words)


def place_of_words(case_id: UUID, run: int, happening: Happening) -> str:
    """The row that encrypted words of the history are bound to."""
    return f"{case_id}:{run}:{happening}"


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its history; `text` is what the customer said, encrypted."""

    case: Case
    history: tuple[Entry, ...]
    text: bytes | None = field(repr=False)
