"""Whoever is of several files at the end of a replay: each file is read in its own partition, and once all are read the
person is decided on all of them, in the course of the file by which it is known.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from scoring.replay.domain import Book, Placed
from scoring.replay.exposure import Models
from scoring.replay.shock import Shock, Struck, strike
from scoring.standing.domain.persons import Persons, decide_among
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing

Groups = Mapping[str, tuple[str, ...]]
"""Survivor → all files of the person."""


class Ended(NamedTuple):
    """Where a replay left one file: as of when, and as the rules before and after have it."""

    at: datetime
    before: Standing
    after: Standing


class Compared(NamedTuple):
    """One customer in two books; the same twice where only one was asked."""

    customer_id: str
    before: Placed
    after: Placed


class Person(NamedTuple):
    """A customer of several files as one standing, decided as of `at` by the rules before and after."""

    at: datetime
    before: Standing
    after: Standing


def persons_at_end(files: Mapping[str, Ended], groups: Groups, rules: Sequence[Rules]) -> list[Person]:
    """Who is of several files, where the rules before and after have the sum. Whose files were not read is left out."""
    found = []
    for survivor, group in groups.items():
        read = {file: files[file] for file in group if file in files}
        if read:
            at = max(one.at for one in read.values())
            before = _decided(survivor, group, {file: one.before for file, one in read.items()}, rules[0], at)
            after = _decided(survivor, group, {file: one.after for file, one in read.items()}, rules[-1], at)
            found.append(Person(at, before, after))
    return found


def by_person(files_as_customers: Iterable[Compared], persons: Iterable[Person], groups: Groups) -> list[Compared]:
    """Each customer once: files of several as the person."""
    grouped = {file for group in groups.values() for file in group}
    alone = [one for one in files_as_customers if one.customer_id not in grouped]
    return sorted([*alone, *(Compared(one.before.customer_id, _at(one.before), _at(one.after)) for one in persons)])


def strike_apart(book: Book, grouped: Collection[str], shock: Shock, at: datetime, by: Models) -> Struck:
    """Strike whoever is of one file; a person of several is struck as one, once all of the files are read."""
    apart = {file: book.standings.pop(file) for file in grouped if file in book.standings}
    struck = strike(book, shock, at, by)
    book.standings.update(apart)
    return struck


def strike_person(person: Person, rules: Rules, shock: Shock, by: Models) -> Struck:
    """What the shock does to all of a customer's files together."""
    return strike(Book(rules, {person.after.customer_id: person.after}), shock, person.at, by)


def _decided(survivor: str, group: Sequence[str], read: Mapping[str, Standing], rules: Rules, at: datetime) -> Standing:
    standings = {file: read.get(file, Standing(file)) for file in group}
    own, persons = standings[survivor], Persons.of({survivor: group}, standings)
    decided = [one.decided_at for one in standings.values() if one.decided_at is not None]
    decide_among(own, persons, rules, max(at, *decided))
    return persons.sum_of(own)


def _at(standing: Standing) -> Placed:
    assert standing.tier is not None, "who was decided has a tier"
    return Placed(standing.tier, standing.points)
