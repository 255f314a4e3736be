"""Who is decided with which others: a person whose files were merged is decided on the sum, in the survivor's course.

A file that was merged into another keeps its own state and is decided no more; once separated it goes on from where it
was.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from rapport.errors import DomainError
from scoring.standing.domain.adding import added, give_back
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import decide, decide_due


@dataclass(frozen=True, slots=True)
class Persons:
    """Of some files those that are not alone. `others`: of a survivor its other files; `merged_into`: of a file that is
    no survivor the one that is."""

    others: Mapping[str, Sequence[Standing]] = field(default_factory=dict)
    merged_into: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Mapping[str, Sequence[str]], standings: Mapping[str, Standing]) -> "Persons":
        """From survivor → all files of the person; a survivor without a standing here is left out."""
        merged_into = {file: survivor for survivor, files in groups.items() for file in files if file != survivor}
        others = {
            survivor: [standings[file] for file in files if file != survivor]
            for survivor, files in groups.items()
            if survivor in standings and len(files) > 1
        }
        return cls(others, merged_into)

    def sum_of(self, standing: Standing) -> Standing:
        """A survivor as the person it is; whoever is alone as is."""
        others = self.others.get(standing.customer_id)
        return added(standing, others) if others else standing

    @contextmanager
    def deciding(self, standing: Standing) -> Iterator[Standing]:
        """The person to be decided; what was decided is the survivor's afterwards."""
        person = self.sum_of(standing)
        yield person
        if person is not standing:
            give_back(person, standing)


ALONE = Persons()


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
