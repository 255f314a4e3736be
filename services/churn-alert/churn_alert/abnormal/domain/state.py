"""What is kept of a customer's postings to judge a day: counts and sums by day, the same after the events in any order.

Whole numbers only, so that adding is exact. A reversal is taken from the day of what it takes back, and waits there
when that lies ahead: what time it is, postings alone say. A day is kept for as long as it may be judged again, and what
it is compared with as long before it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cache
from typing import NamedTuple

from churn_alert.abnormal.domain.waking import OfAccount
from churn_alert.abnormal.domain.words import DIRECTIONS, FLOWS, Cell, Direction, Flow
from rapport.behaviour.active_days import ActiveDays

JUDGED_DAYS = 31
"""So long after its day a posting still counts with that day's others; one that comes later is judged by itself."""
PATTERN_DAYS = 15
"""A pattern spans so many days at most."""
RANGE_DAYS = 60
"""A day is compared with so many before it."""

OWN, NIGHT = 6, 7
"""Cells of what the customer started: all of a day with its sum in the bank's currency, and how much came by night."""
_CELLS = {(flow, side): 2 * FLOWS.index(flow) + place for flow in FLOWS for place, side in enumerate(DIRECTIONS)}
_A = ord("A")


class Posting(NamedTuple):
    """A posting as the fold takes it; of a reversal, what it takes back with `sign` -1.

    `flow`: None where no rule counts it. `home_minor`: in the bank's currency; 0 in any other.
    """

    account: str
    day: int
    sign: int
    minor: int
    currency: str
    flow: Flow | None
    direction: Direction
    is_own: bool
    is_night: bool
    home_minor: int
    counterparty: str | None


class FirstSeen(NamedTuple):
    """The first day with a class of counterparty, and how much of it there was on that day."""

    day: int
    times: int
    minor: int

    def with_(self, other: "FirstSeen") -> "FirstSeen":
        """The earlier day; of one day both."""
        if self.day != other.day:
            return min(self, other, key=lambda one: one.day)
        return FirstSeen(self.day, self.times + other.times, self.minor + other.minor)


@dataclass(slots=True)
class Activity:
    """One file. The upper part is a function of the events alone; the lower part remembers what was found.

    Not frozen only because a batch folds thousands of postings into it.
    """

    customer_id: str
    days: dict[int, dict[int, Cell]] = field(default_factory=dict)
    """Day → cell with its currency → count and sum; a day is its ordinal in the bank's calendar."""
    last_day: int = 0
    active_days: ActiveDays | None = None
    """Of what the customer started."""
    counterparties: dict[str, FirstSeen] = field(default_factory=dict)
    accounts: dict[str, OfAccount] = field(default_factory=dict)
    """When the customer last acted on each."""
    is_natural: bool = True
    """A file of which nothing was told yet is taken for a person's: those thresholds are the lower ones."""
    profile_revision: int = 0

    in_force: dict[str, list[int]] = field(default_factory=dict)
    """What is found at present: its key → count and sum."""


def day_of(at: datetime, zone: tzinfo) -> int:
    """The bank's day of a moment, as an ordinal."""
    return at.astimezone(zone).toordinal()


@cache
def code_of(currency: str, cell: int) -> int:
    """A cell in a currency as one number, 27 bits: three letters of 5 bits each, then the cell."""
    one, two, three = currency.encode()
    return ((((one - _A) << 5 | (two - _A)) << 5 | (three - _A)) << 4) | cell


@cache
def currency_of(code: int) -> str:
    """The inverse of `code_of`."""
    return "".join(chr(_A + (code >> shift & 31)) for shift in (14, 9, 4))


def cell_of(flow: Flow, direction: Direction) -> int:
    """Where a flow in one direction is counted."""
    return _CELLS[flow, direction]


def is_late(last_day: int, day: int) -> bool:
    """Whether the others of that day are known no more, of a person whose last day this is."""
    return day < last_day - JUDGED_DAYS


def fold(state: Activity, posting: Posting) -> None:
    """Add one posting, or take one back on the day it had happened; its day stays active, for the customer did act."""
    day = posting.day
    if posting.sign > 0 and day > state.last_day:
        # A reversal moves no day: dated far ahead, it would have all that comes after it look late.
        state.last_day = day
    if posting.flow is not None:
        _add(state, day, code_of(posting.currency, _CELLS[posting.flow, posting.direction]), posting, posting.minor)
    if posting.is_own:
        _fold_own(state, posting)


def _fold_own(state: Activity, posting: Posting) -> None:
    """What the customer started."""
    day, sign, minor = posting.day, posting.sign, posting.home_minor
    of = state.accounts.get(posting.account)
    if of is None:
        of = state.accounts[posting.account] = OfAccount()
    of.add(day, sign, minor)
    acted = _add(state, day, OWN, posting, minor)
    if posting.is_night:
        _add(state, day, NIGHT, posting, 0)
    if posting.counterparty is not None and posting.flow is not None:
        known = state.counterparties.get(posting.counterparty)
        if known is None or day <= known.day:
            seen = FirstSeen(day, sign, sign * minor)
            state.counterparties[posting.counterparty] = known.with_(seen) if known else seen
    if sign > 0 and acted <= 1:
        # Of a day with more there was one before.
        on = date.fromordinal(day)
        state.active_days = state.active_days.add(on) if state.active_days else ActiveDays.on(on)


def _add(state: Activity, day: int, code: int, posting: Posting, minor: int) -> int:
    """The count that there is now."""
    cells = state.days.get(day)
    if cells is None:
        cells = state.days[day] = {}
    cell = cells.get(code)
    if cell is None:
        cells[code] = [posting.sign, posting.sign * minor]
        return posting.sign
    cell[0] += posting.sign
    cell[1] += posting.sign * minor
    return cell[0]
