"""A person whose files were merged is decided on the sum of their standings, in the survivor's course."""

from collections.abc import Callable, Sequence
from datetime import datetime

from rapport.errors import DomainError
from rapport.person.grouping import Persons as _Persons
from scoring.standing.domain.adding import DECIDED, added
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import decide, decide_due


class Persons(_Persons[Standing]):
    """Of some files those whose customer is decided on several."""

    DECIDED = DECIDED

    def added(self, survivor: Standing, others: Sequence[Standing]) -> Standing:
        """The standings of all files as one."""
        return added(survivor, others)


class FileMerged(DomainError):
    """What people do to a tier they do to the person: to the file that the others were merged into."""

    def __init__(self, survivor: str) -> None:
        super().__init__(
            f"customer_id: this file was merged into {survivor}, whose tier is the customer's: name that one"
        )


def meet_among(
    standing: Standing, persons: Persons, rules: Rules, at: datetime, fold: Callable[[Standing], None]
) -> list[Decision]:
    """`meet` of a survivor: its own state takes the event, the person is decided."""
    with persons.deciding(standing) as person:
        changes = decide_due(person, rules, at)
    fold(standing)
    return [*changes, *decide_among(standing, persons, rules, at)]


def decide_among(standing: Standing, persons: Persons, rules: Rules, at: datetime) -> list[Decision]:
    """Decide a person as of `at`, where what changed is the state of another file, or which files are the person's."""
    with persons.deciding(standing) as person:
        changes = decide_due(person, rules, at)
        change = decide(person, rules, at)
    return changes if change is None else [*changes, change]
