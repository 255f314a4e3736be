"""How alerts fared beside the departures: precision, recall, lead time; and the same number of a plain recency rule's.

An alert is judged once its window is over, whatever came of it before: judged as soon as a customer is gone, alerts
that were right would be known sooner than those that were wrong, and the latest months would look better than they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from statistics import median, quantiles

from churn_alert.proof.domain.departure import Definition, Departure, is_established, silences
from rapport.behaviour.active_days import ActiveDays
from rapport.behaviour.rates import Rate, wilson

Departures = Mapping[str, Sequence[Departure]]
"""By customer, the first first."""

_SHORTEST, _LONGEST = 7, 366
"""Days of silence between which a plain rule is looked for: shorter pauses are ordinary life."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert as it is judged: `day`, the one on which staff could first know of it. `of`: what it is grouped by."""

    customer_id: str
    day: date
    probability: float | None = None
    of: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """`lead_days`: from the alert until the customer is gone, below zero where it came too late; None of a wrong one,
    and where the customer is not gone within what is known.
    """

    alarm: Alarm
    is_right: bool
    lead_days: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts, and what follows from them; None where there is nothing to divide by.

    `open`: alerts whose window is not over, counted in nothing else. `caught`: departures that an alert told of, before
    or after the customer was gone; `in_time`: before.
    """

    alerts: int
    right: int
    open: int
    departures: int
    caught: int
    in_time: int
    lead_days: tuple[int, ...]
    """Of each departure caught, from its first alert until the customer is gone; sorted."""

    @property
    def precision(self) -> Rate | None:
        """Share of the alerts that were about a departure."""
        return wilson(self.right, self.alerts) if self.alerts else None

    @property
    def recall(self) -> Rate | None:
        """Share of the departures that an alert told of."""
        return wilson(self.caught, self.departures) if self.departures else None

    @property
    def timely(self) -> Rate | None:
        """Share of the departures that an alert told of before the customer was gone."""
        return wilson(self.in_time, self.departures) if self.departures else None

    @property
    def median_lead_days(self) -> float | None:
        """Half of the departures that were caught were told of at least so long before."""
        return median(self.lead_days) if self.lead_days else None

    @property
    def middle_half(self) -> tuple[float, float] | None:
        """The lead times between which the middle half lies."""
        if len(self.lead_days) < 2:
            return None
        low, _, high = quantiles(self.lead_days, n=4, method="inclusive")
        return low, high


def judged(alarms: Iterable[Alarm], found: Departures, definition: Definition, until: date) -> list[Judged]:
    """Those whose window is over before `until`, the first day of which not all is known."""
    return [
        _judged(one, found.get(one.customer_id, ()), definition)
        for one in alarms
        if one.day + definition.window < until
    ]


def verdict(alarms: Sequence[Alarm], found: Departures, definition: Definition, since: date, until: date) -> Verdict:
    """`since`: the first day on which an alert could come. Of the departures those count that an alert of that day on
    could tell of; each is caught by its first alert, whether or not that one's own window is over.
    """
    done = judged(alarms, found, definition, until)
    days: dict[str, list[date]] = {}
    for one in sorted(alarms, key=lambda one: one.day):
        days.setdefault(one.customer_id, []).append(one.day)
    begins = since + timedelta(days=definition.ahead_days)
    counted = [(key, one) for key, those in found.items() for one in those if begins <= one.begins_on < until]
    first = [
        (one, next((day for day in days.get(key, ()) if one.is_told_by(day, definition)), None)) for key, one in counted
    ]
    caught = [(one, day) for one, day in first if day is not None]
    leads = sorted((one.gone_on - day).days for one, day in caught if one.gone_on is not None)
    return Verdict(
        alerts=len(done),
        right=sum(one.is_right for one in done),
        open=len(alarms) - len(done),
        departures=len(counted),
        caught=len(caught),
        in_time=sum(one.gone_on is None or day < one.gone_on for one, day in caught),
        lead_days=tuple(leads),
    )


def by_group(done: Iterable[Judged], name: str) -> dict[str, list[Judged]]:
    """Judged alerts by what they were then, sorted by name; of what nobody knew, `unknown`.

    Who was not warned of has no tier of that day here, so a group has precision and lead time, and no recall.
    """
    groups: dict[str, list[Judged]] = {}
    for one in done:
        groups.setdefault(one.alarm.of.get(name, "unknown"), []).append(one)
    return dict(sorted(groups.items()))


def by_recency(
    customers: Mapping[str, ActiveDays], definition: Definition, since: date, until: date, *, most: int
) -> tuple[int, list[Alarm]]:
    """The alerts of a rule that only counts silent days, at least as many as `most`, thinned by hash to as many; and
    after how many days it warns. Whoever it is: the same customers, none before they are established.
    """
    found = [
        (key, one.begins_on, one.days)
        for key, days in customers.items()
        for one in silences(days, until, least=_SHORTEST)
        if is_established(days, one, definition)
    ]

    def alerts(after: int) -> list[Alarm]:
        return [
            Alarm(key, day)
            for key, begins_on, length in found
            if length >= after and since <= (day := begins_on + timedelta(days=after)) < until
        ]

    low, high = _SHORTEST, _LONGEST
    while high - low > 1:  # the longest that still warns often enough: fewer pauses are longer
        middle = (low + high) // 2
        low, high = (middle, high) if len(alerts(middle)) >= most else (low, middle)
    return low, sorted(alerts(low), key=_drawn)[:most]


def _drawn(one: Alarm) -> bytes:
    return blake2b(f"{one.customer_id}|{one.day}".encode(), digest_size=8).digest()


def _judged(alarm: Alarm, found: Sequence[Departure], definition: Definition) -> Judged:
    told = [one for one in found if one.is_told_by(alarm.day, definition)]
    is_right = bool(told)
    gone = told[0].gone_on if told else None
    return Judged(alarm, is_right, None if gone is None else (gone - alarm.day).days)
