"""What may be asked to be corrected, when the answer is due, and who may decide: a request ends once, in one way."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal
from uuid import UUID

from rapport.callers import person_of
from rapport.errors import DomainError

State = Literal["open", "approved", "refused", "withdrawn", "superseded"]
Outcome = Literal["approved", "refused"]
Ground = Literal["evidence-insufficient", "evidence-not-the-customers", "bound-by-law", "right-as-it-is"]
FACTS = ("birth_year", "gender")
"""What beside identity a person may have put right of themselves."""
PROVEN = ("full_name", "id_type", "id_number")
"""What stands on a paper, so that a request about it shows one."""
_SATURDAY = 5


class CorrectionNotFound(DomainError):
    """There is no such request."""


class CorrectionEnded(DomainError):
    """The request is decided on, withdrawn or superseded already."""


class CorrectionByOnePerson(DomainError):
    """Who brings a request does not decide on it."""


class CorrectionOfAnother(DomainError):
    """Who did not bring a request does not withdraw it."""


class CorrectionOverlaps(DomainError):
    """An open request names some of these fields and others too, so neither can stand for both."""


class NothingToCorrect(DomainError):
    """The file is as asked already."""


class CorrectionInvalid(DomainError):
    """A request or decision that cannot be so. `faults` names the field and its rule."""

    def __init__(self, field: str, rule: str) -> None:
        self.faults = [(field, rule)]
        super().__init__(f"{field} {rule}")


@dataclass(frozen=True, slots=True)
class Correction:
    """A request. The values asked for lie sealed beside it while it is open, and nowhere afterwards.

    `ground`: why it was refused, which the customer is told. `evidence_digest`: SHA-256 of what proves it.
    """

    correction_id: UUID
    customer_id: str
    fields: tuple[str, ...]
    evidence_digest: str | None
    channel: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    state: State = "open"
    decided_by: str | None = None
    decided_at: datetime | None = None
    ground: Ground | None = None

    def demand_open(self) -> None:
        """Raises CorrectionEnded."""
        if self.state != "open":
            raise CorrectionEnded(f"the request is {self.state}")

    def demand_second_person(self, by: str) -> None:
        """Raises CorrectionEnded and CorrectionByOnePerson."""
        self.demand_open()
        if person_of(by) == person_of(self.asked_by):
            raise CorrectionByOnePerson("another person than who brought the request decides on it")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days the bank works: Monday to Friday but on `holidays`, and on weekends that make up for them."""

    zone: tzinfo
    days_to_answer: int
    holidays: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        """Does this day count?"""
        return day in self.make_up_days or (day.weekday() < _SATURDAY and day not in self.holidays)

    def due_at(self, asked_at: datetime) -> datetime:
        """The end of the last working day there is to answer; the day it was asked on does not count."""
        day, left = asked_at.astimezone(self.zone).date(), self.days_to_answer
        while left:
            day += timedelta(days=1)
            left -= self.works_on(day)
        return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)


def superseded(fields: Collection[str], others: Iterable[Correction]) -> list[Correction]:
    """The customer's open requests that one about these fields takes the place of. Raises CorrectionOverlaps."""
    touched = [other for other in others if {*other.fields} & {*fields}]
    for other in touched:
        if rest := sorted({*other.fields} - {*fields}):
            raise CorrectionOverlaps(f"an open request is about {', '.join(rest)} too: name that also, or withdraw it")
    return touched


def demand_evidence(fields: Iterable[str], digest: str | None) -> None:
    """Raises CorrectionInvalid where something on a paper is to be corrected and no paper was shown."""
    if digest is None and (named := [field for field in fields if field in PROVEN]):
        raise CorrectionInvalid("evidence_digest", f"is needed for {', '.join(named)}")


def demand_ground(outcome: Outcome, ground: Ground | None) -> None:
    """Raises CorrectionInvalid: a refusal is given with its ground, an approval has none."""
    if (outcome == "refused") != (ground is not None):
        raise CorrectionInvalid("ground", "is needed for a refusal, and only for one: the customer is told it")
