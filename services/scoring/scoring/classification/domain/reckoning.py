"""Attribute and activity as of a moment, in closed form from the standing, and since when they have held."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from rapport.behaviour.daily_counts import DailyCounts
from scoring.classification.domain.classes import Dimension, Held, Limits
from scoring.standing.domain.assets import beginning_of, month_of
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing

_DAY = timedelta(days=1)
_WINDOW = 90


def reckoned(
    standing: Standing,
    at: datetime,
    rules: Rules,
    limits: Limits,
    limits_since: datetime,
    known: Mapping[Dimension, Held],
) -> list[Held]:
    """Attribute and activity as of `at`; `known`: what was noted of them last.

    What is still as it was noted has held since then. Else the attribute has held since this month began, because it
    follows from the average of the month before, and the activity since the day on which it came about; but neither
    by limits that were not in force yet.
    """
    values = values_of(standing, at, rules.bank, rules.rates)
    zone = rules.bank.zone
    today = at.astimezone(zone).date()

    def held(dimension: Dimension, value: str, since: Callable[[], datetime]) -> Held:
        before = known.get(dimension)
        if before is not None and before.value == value:
            return before
        revision = 1 if before is None else before.revision + 1
        return Held(standing.customer_id, dimension, value, max(since(), limits_since), revision)

    def since_day() -> datetime:
        return datetime.combine(active_since(standing.active_days, today, limits), time(), zone)

    return [
        held("attribute", limits.attribute_of(values.monthly_assets), lambda: beginning_of(month_of(today), zone)),
        held("activity", limits.activity_of(values.active_days), since_day),
    ]


def active_since(days: DailyCounts | None, today: date, limits: Limits) -> date:
    """The first day of the unbroken run of days up to `today` on which the activity was what it is today.

    No earlier than the first active day: of the time before nothing is known.
    """
    first = None if days is None else days.first_day
    if days is None or first is None:
        return today

    counts = days.trailing(today, _WINDOW)
    day, present = today, limits.activity_of(next(counts))
    while day > first and limits.activity_of(next(counts)) == present:
        day -= _DAY
    return day
