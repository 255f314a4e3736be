"""What came of what is judged, by days and moments within its window: nothing after it is looked at."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple
from uuid import UUID

from churn_alert.playbook.domain.playbooks import Measure
from churn_alert.proof.domain.departure import Definition, Departure, departures, is_established, silences
from rapport.behaviour.active_days import ActiveDays


class Occasion(NamedTuple):
    """An intervention that no alert began."""

    intervention_id: UUID
    customer_id: str
    node: str
    product: str | None
    begun_at: datetime


class Use(NamedTuple):
    """When somebody used a product first and last."""

    product: str
    first_at: datetime
    last_at: datetime


class Opened(NamedTuple):
    """An alert: the day on which staff could first know of it, and its arm; None where no lot was drawn."""

    on: date
    arm: str | None


class Paused(NamedTuple):
    """What came of a warning of the recency rule.

    `gone_on`: as of an alert, the day from which the customer was gone if it was right. `left_on`: the same where the
    very silence it warned of became a departure, of which `told_on` is the first warning and `alerted_on` the first
    alert. `arm`: of the person's first alert: `held-out`, `treated`, `none` without a lot; None: never warned of.
    """

    warned_on: date
    gone_on: date | None
    left_on: date | None
    told_on: date | None
    alerted_on: date | None
    arm: str | None


def departure_of(days: ActiveDays | None, warned_on: date, definition: Definition) -> Departure | None:
    """The departure that a warning of this day told of; None: not gone within the window."""
    found = departures(days, definition, _ends(warned_on, definition)) if days else []
    return next((one for one in found if one.is_told_by(warned_on, definition)), None)


def gone_on(days: ActiveDays | None, warned_on: date, definition: Definition) -> date | None:
    """The day from which who was warned of was gone; None: not within the window."""
    found = departure_of(days, warned_on, definition)
    return found.gone_on if found else None


def silent_days(days: ActiveDays | None, day: date) -> int | None:
    """How many whole days lie between this one and the last before it with own activity; None of who had none."""
    if days is None or day <= days.first:
        return None
    before = days.bits & ((1 << (day - days.first).days) - 1)
    return (day - days.first).days - before.bit_length()


def warned_by_recency(days: ActiveDays, after: int, definition: Definition, since: date, until: date) -> Iterator[date]:
    """The days from `since` on and before `until` by whose beginning so many in a row had passed without own activity,
    of a customer who was at home here; what comes from `until` on is not looked at.
    """
    for one in silences(days, until, least=after):
        day = one.begins_on + timedelta(days=after)
        if since <= day < until and is_established(days, one, definition):
            yield day


def paused(
    days: ActiveDays | None, after: int, warned_on: date, alerts: Sequence[Opened], definition: Definition
) -> Paused:
    """What came of a warning after so many days without own activity. `alerts`: of the person, the first first."""
    begins_on, ends = warned_on - timedelta(days=after), _ends(warned_on, definition)
    known = [one for one in alerts if one.on < ends]
    arm = (known[0].arm or "none") if known else None
    found = departures(days, definition, ends) if days else []
    own = next((one for one in found if one.begins_on == begins_on), None)
    right = gone_on(days, warned_on, definition)
    if days is None or own is None:
        return Paused(warned_on, right, None, None, None, arm)
    earliest = begins_on - timedelta(days=definition.ahead_days)
    # Of a version by which a silence is a departure sooner than the version before warned of it there may be none.
    told = next(warned_by_recency(days, after, definition, earliest, warned_on + timedelta(days=1)), None)
    if told is None:
        return Paused(warned_on, right, None, None, None, arm)
    alerted = next((one.on for one in known if own.is_told_by(one.on, definition)), None)
    return Paused(warned_on, right, own.gone_on, told, alerted, arm)


def achieved(
    asked: Measure,
    one: Occasion,
    days: ActiveDays | None,
    uses: Sequence[Use],
    back: Sequence[datetime],
    definition: Definition,
    zone: tzinfo,
) -> bool:
    """Whether what is asked came about within the window. `back`: when the customer left the stage of the lost."""
    begun, window = one.begun_at.astimezone(zone).date(), definition.window
    match asked:
        case "kept":
            return gone_on(days, begun, definition) is None
        case "active":
            end = _ends(begun, definition)
            last = end - timedelta(days=definition.ahead_days)
            return days is not None and days.count_between(last, end) > 0
        case "uses-product":
            return any(
                use.product == one.product and use.first_at < one.begun_at + window and use.last_at >= one.begun_at
                for use in uses
            )
        case "won-back":
            return any(one.begun_at < at <= one.begun_at + window for at in back)


def _ends(day: date, definition: Definition) -> date:
    """The first day after the window."""
    return day + definition.window + timedelta(days=1)
