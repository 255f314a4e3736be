"""What is kept of what others tell: the latest word of each kind, the last interactions, and what was posted by month.

All of it is a function of the set of events: any order, with any repeats, ends in the same rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Literal, NamedTuple
from uuid import UUID

Kind = Literal[
    "tier", "lifecycle", "churn-risk", "alert", "risk-preference", "holdings", "case", "case-class", "interaction"
]
RECENT = 20
"""Interactions that are kept of each customer."""
MONTHS = 12
"""Months of postings that are shown."""
_EPOCH = datetime.fromtimestamp(0, UTC)


class Place(NamedTuple):
    """Of whom and of what a fact speaks; `item`: which one, where a customer has several."""

    customer_id: str
    kind: Kind
    item: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One word of another service. `rank`: the higher counts, of equal ones that of the higher event id."""

    place: Place
    rank: int
    event_id: UUID
    as_of: datetime
    document: dict[str, Any]


def rank_of(moment: datetime) -> int:
    """Microseconds since 1970: how words that have a time and no revision are ordered."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def latest(told: Iterable[Fact]) -> list[Fact]:
    """Of each place the word that counts."""
    found: dict[Place, Fact] = {}
    for fact in told:
        known = found.get(fact.place)
        if known is None or (fact.rank, fact.event_id) > (known.rank, known.event_id):
            found[fact.place] = fact
    return list(found.values())


class Told(NamedTuple):
    """A word of another service as it was told, of which file, and as of when it is."""

    customer_id: str
    as_of: datetime
    document: Mapping[str, Any]


def of_person(kind: Kind, told: Sequence[Told], survivor: str) -> list[Told]:
    """What is known of a person by words on its files, the latest first.

    Of what a file has one word: holdings are those of all files, risk borne is as assessed last, and what a service
    decided counts as it is of the survivor, where it is.
    """
    latest = sorted(told, key=lambda one: one.as_of, reverse=True)
    if kind in {"case", "case-class", "interaction"} or len(latest) < 2:
        return latest
    if kind == "holdings":
        by_file = sorted(told, key=lambda one: one.customer_id)
        held = [holding for one in by_file for holding in one.document["holdings"]]
        return [latest[0]._replace(document={**latest[0].document, "holdings": held})]
    if kind == "risk-preference":
        return latest
    return [one for one in latest if one.customer_id == survivor] or latest


class Entry(NamedTuple):
    """What postings of a month are counted by."""

    currency: str
    direction: Literal["credit", "debit"]
    kind: str


class Posting(NamedTuple):
    """One posting, or with a `sign` of -1 one that is taken back, at the time it had happened."""

    customer_id: str
    occurred_at: datetime
    entry: Entry
    minor: int
    sign: int = 1


@dataclass(slots=True)
class Month:
    """A customer's postings of one month: how many and how much by entry. `as_of`: the latest word on it. `ahead`: of
    these, those whose day had not come when something was posted to the month last."""

    customer_id: str
    month: date
    as_of: datetime
    entries: dict[Entry, tuple[int, int]] = field(default_factory=dict)
    ahead: list[Posting] = field(default_factory=list)

    def add(self, posting: Posting, at: datetime) -> None:
        """Count a posting that was told at `at`; what adds up to nothing is gone."""
        self.as_of = max(self.as_of, at)
        self.count(posting, posting.sign)

    def come_by(self, until: datetime) -> "Month":
        """What of it had come by a moment."""
        if not self.ahead and self.as_of <= until:
            return self
        come = replace(self, as_of=min(self.as_of, until), entries=dict(self.entries), ahead=[])
        for posting in self.ahead:
            if posting.occurred_at > until:
                come.count(posting, -posting.sign)
        return come

    def count(self, posting: Posting, sign: int) -> None:
        """Add a posting up, or with a `sign` of -1 have it not been there."""
        count, minor = self.entries.get(posting.entry, (0, 0))
        summed = (count + sign, minor + sign * posting.minor)
        if summed == (0, 0):
            self.entries.pop(posting.entry, None)
        else:
            self.entries[posting.entry] = summed


def summed(months: Iterable[Month], customer_id: str) -> list[Month]:
    """The months of several files as if all had been posted to one."""
    found: dict[date, Month] = {}
    for one in months:
        total = found.setdefault(one.month, Month(customer_id, one.month, one.as_of))
        total.as_of = max(total.as_of, one.as_of)
        for entry, (count, minor) in one.entries.items():
            before = total.entries.get(entry, (0, 0))
            total.entries[entry] = (before[0] + count, before[1] + minor)
    return list(found.values())


def month_of(moment: datetime, zone: tzinfo) -> date:
    """The first day of the month of a moment in the bank's calendar."""
    return moment.astimezone(zone).date().replace(day=1)


def add_up(
    known: Mapping[tuple[str, date], Month], postings: Iterable[tuple[Posting, datetime]], zone: tzinfo, now: datetime
) -> list[Month]:
    """The months that change by these postings, each with the time at which it was told. `now`: no month is shown as of
    a moment before."""
    changed: dict[tuple[str, date], Month] = {}
    for posting, at in postings:
        place = (posting.customer_id, month_of(posting.occurred_at, zone))
        month = changed.get(place) or known.get(place) or Month(*place, as_of=at)
        month.add(posting, at)
        month.ahead.append(posting)
        changed[place] = month
    for month in changed.values():
        month.ahead = [one for one in month.ahead if one.occurred_at > now]
    return list(changed.values())
