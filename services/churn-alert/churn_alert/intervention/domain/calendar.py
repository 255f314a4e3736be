"""When a customer is to be contacted regularly, and which days of the relation return: what time alone brings.

Of a regular contact the dates are `anchor + k·every`, k = 1, 2, …; the anchor is the last contact of any kind, or the
day on which the relation began where none is known. So a contact that happened anyway moves the next one, and customers
of a bank that is taken on fall due on days of their own, not all on one. Which of several rhythms is a customer's is
asked on the date itself: a tier or a stage that changes needs no row to be written.
"""

from calendar import isleap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from heapq import merge
from itertools import count, takewhile
from typing import Literal, NamedTuple

from rapport.person.grouping import Persons as _Persons

_UNKNOWN = date(1900, 1, 2)
"""Cores say the first day of all for one they do not know."""
_NEWS = timedelta(days=7)
"""An account told of within so long of its opening is new: all that comes in on it is heard from the first on."""
_PAYDAYS = timedelta(days=62)
"""Whoever was heard of for so long without a salary had none here: two months pass between paydays at the most."""


class Contact(NamedTuple):
    """The customer was spoken with, came or rang up, or got a message."""

    at: datetime


class Opening(NamedTuple):
    """An account was opened on this day."""

    on: date


class Salary(NamedTuple):
    """A salary came in."""

    at: datetime


Fact = Contact | Opening | Salary


@dataclass(slots=True)
class Calendar:
    """One customer. What is known: by minimum and maximum, so that facts in any order leave the same. Then what was
    decided: what fell due until `looked_at` has begun, and `due_at` is when to look again."""

    customer_id: str
    since: date | None = None
    last_contact_at: datetime | None = None
    first_salary_at: datetime | None = None
    heard_at: datetime | None = None
    looked_at: datetime | None = None
    version: int = 0
    """Of the playbooks by which `due_at` was set."""
    due_at: datetime | None = None
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Rhythms:
    """Every rhythm in which any playbook has a regular contact, and whether any is for anniversaries."""

    version: int
    every: Sequence[timedelta]
    has_anniversaries: bool
    zone: tzinfo


class Fallen(NamedTuple):
    """A date that has come. `every`: of a regular contact, for customers of this rhythm."""

    at: datetime
    node: Literal["regular-contact", "anniversary"]
    every: timedelta | None


def fold(calendar: Calendar, fact: Fact, moment: datetime) -> None:
    """Add what was heard at `moment`."""
    before = replace(calendar)
    calendar.heard_at = min(calendar.heard_at or moment, moment)
    match fact:
        case Contact(at):
            calendar.last_contact_at = max(calendar.last_contact_at or at, at)
        case Opening(on) if on >= _UNKNOWN:
            calendar.since = min(calendar.since or on, on)
        case Salary(at):
            calendar.first_salary_at = min(calendar.first_salary_at or at, at)
    calendar.is_changed = calendar.is_changed or calendar != before


def is_first_salary(calendar: Calendar, at: datetime, zone: tzinfo) -> bool:
    """Whether a salary that comes at `at` is the first here, of a calendar before it is folded: none is known, and one
    would be.
    """
    if calendar.first_salary_at is not None or calendar.since is None or calendar.heard_at is None:
        return False
    return calendar.heard_at - _start(calendar.since, zone) <= _NEWS or at - calendar.heard_at >= _PAYDAYS


def look(calendar: Calendar, rhythms: Rhythms, until: datetime) -> list[Fallen]:
    """What fell due up to `until`, the earliest first. Of whom one hears first nothing fell due before."""
    after = calendar.looked_at or until
    fallen = list(takewhile(lambda one: one.at <= until, _dates(calendar, rhythms, after)))
    calendar.looked_at = max(after, until)
    was_due = calendar.due_at is not None and calendar.due_at <= until
    calendar.is_changed = calendar.is_changed or bool(fallen) or was_due
    return fallen


def plan(calendar: Calendar, rhythms: Rhythms) -> None:
    """Set when to look again: on the next date of any rhythm."""
    due = None
    if calendar.looked_at is not None:
        due = next((one.at for one in _dates(calendar, rhythms, calendar.looked_at)), None)
    if (calendar.due_at, calendar.version) != (due, rhythms.version):
        calendar.due_at, calendar.version, calendar.is_changed = due, rhythms.version, True


def _dates(calendar: Calendar, rhythms: Rhythms, after: datetime) -> Iterator[Fallen]:
    """All dates after this moment, the earliest first, without end."""
    if calendar.since is None:
        return iter(())
    begun = _start(calendar.since, rhythms.zone)
    kinds = [_regular(calendar.last_contact_at or begun, every, after) for every in rhythms.every]
    if rhythms.has_anniversaries:
        kinds.append(_anniversaries(calendar.since, rhythms.zone, after))
    return merge(*kinds, key=lambda one: one.at)


def _regular(anchor: datetime, every: timedelta, after: datetime) -> Iterator[Fallen]:
    for times in count(max((after - anchor) // every, 0) + 1):
        yield Fallen(anchor + times * every, "regular-contact", every)


def _anniversaries(since: date, zone: tzinfo, after: datetime) -> Iterator[Fallen]:
    """Whoever came on a 29 February has the 28th in the other years."""
    for year in count(max(since.year + 1, after.astimezone(zone).year)):
        is_short = (since.month, since.day) == (2, 29) and not isleap(year)
        at = _start(since.replace(year=year, day=28 if is_short else since.day), zone)
        if at > after:
            yield Fallen(at, "anniversary", None)


def _start(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


class Persons(_Persons[Calendar]):
    """Of some files those whose customer is one person of several."""

    DECIDED = ("looked_at", "version", "due_at", "is_changed")
    survivors: Mapping[str, Calendar]
    """Of the files in `merged_into`."""

    def person_of(self, calendar: Calendar) -> Calendar:
        """The person of a file, be it the survivor's or another."""
        survivor = self.merged_into.get(calendar.customer_id)
        return self.sum_of(calendar if survivor is None else self.survivors[survivor])

    def added(self, survivor: Calendar, others: Sequence[Calendar]) -> Calendar:
        """The calendars of all files as one: with the person as a whole one is in contact."""
        person = replace(survivor)
        for one in others:
            person.since = min(filter(None, (person.since, one.since)), default=None)
            person.heard_at = min(filter(None, (person.heard_at, one.heard_at)), default=None)
            person.last_contact_at = max(filter(None, (person.last_contact_at, one.last_contact_at)), default=None)
            person.first_salary_at = min(filter(None, (person.first_salary_at, one.first_salary_at)), default=None)
        return person
