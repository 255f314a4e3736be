"""A customer's state as of the latest event, turned into what is compared with the customer's own normal range.

What silence changes, it changes one way: fast sums fade faster than slow ones, and the ranges, the money that left and
the complaints stand as they were at that event. So the risk made of them never falls while nothing happens, and the
moment at which it reaches a threshold can be computed ahead.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from math import exp2, sqrt
from typing import Any, NamedTuple

from churn_alert.risk.domain.behaviour import Risk
from rapport.behaviour.active_days import ActiveDays
from rapport.behaviour.decay import DAY, LN2, DecayedSums
from rapport.behaviour.lifetime import History

WEEK_FADES = 1.0 / 7.0 - 1.0 / 90.0
"""A ratio of sums of half-lives f and s halves every 1 / (1/f - 1/s) days of silence."""
MONTH_FADES = 1.0 / 30.0 - 1.0 / 90.0
_LEAST = 1e-9
"""Below this a decayed count is nothing, or what rounding left of a posting that was taken back."""
_SHORTEST = 1.0 / 24.0
_WEEK_VARIES, _MONTH_VARIES = (LN2 * (1.0 / (2.0 * fast) + 1.0 / 180.0 - 2.0 / (fast + 90.0)) for fast in (7.0, 30.0))
"""Variance of the ratio of a fast to a 90-day rate, times the rate: of Poisson events, in closed form."""


class Flows(NamedTuple):
    """Money gone outside on balance, in months of the usual inflow; below zero where more came in."""

    week: float
    quarter: float
    year: float


class Ratio(NamedTuple):
    """A fast rate over the customer's own 90-day rate, and how widely chance alone spreads it around 1."""

    value: float
    spread: float


@dataclass(slots=True)
class Anchor:
    """One customer as of `as_of`. Not frozen only because one is made for every event."""

    as_of: datetime
    week: Ratio | None
    """Own postings and uses of channels: 7 days against 90."""
    month: Ratio | None
    """The same: 30 days against 90."""
    inflow: Ratio | None
    """Money from outside: 30 days against 90; its spread follows from how many payments make it up."""
    outflow: float | None
    """Money gone outside on balance over 30 days, in months of the usual inflow; below zero where more came in."""
    negatives: float
    """Negative feedback, decayed at 90 days; none of who did not agree to its use."""
    activity: History | None
    """The active days, with their age as of `as_of`; None before the first."""
    flows: Flows | None = None
    """As `outflow`, over a week, a quarter and a year; None where that is."""
    payments: float | None = None
    """How many payments of equal size would make the inflow of the last 90 days (Kish's effective number), decayed."""
    course: Any = None
    """What the deciding horizon of a model has made of it once; None before it was asked."""
    model_version: int | None = None
    """Of the model it was made for."""

    def silence(self, at: datetime) -> float:
        """Days from the latest event until `at`; none for a moment before it, for nothing un-happens."""
        days = (at - self.as_of) / DAY
        return max(days, 0.0)


def anchored(risk: Risk, zone: tzinfo, overdispersion: float) -> Anchor | None:
    """None before the first event. `overdispersion`: relative variation of a rate beyond chance, as by pay days."""
    sums, first = risk.sums, risk.first_event_at
    if sums.as_of is None or first is None:
        return None
    values = sums.values
    tenure = max((sums.as_of - first) / DAY, _SHORTEST)
    # What share of a steady flow's sum has built up since the first event: without it the young would look faster.
    built_week, built_month = 1.0 - exp2(-tenure / 7.0), 1.0 - exp2(-tenure / 30.0)
    built_quarter, built_year = 1.0 - exp2(-tenure / 90.0), 1.0 - exp2(-tenure / 365.0)
    extra = overdispersion * overdispersion
    week = month = inflow = outflow = flows = made_of = None
    quarter = values[2] + values[6]
    if quarter > _LEAST:
        rate = quarter * LN2 / (90.0 * built_quarter)
        scale = built_quarter / quarter
        # Below zero where the bank took back what it never told: that would fade towards zero, and the risk fall.
        of_week, of_month = max(values[0] + values[4], 0.0), max(values[1] + values[5], 0.0)
        week = Ratio(of_week * scale * (90.0 / 7.0) / built_week, sqrt(_WEEK_VARIES / rate + extra))
        month = Ratio(of_month * scale * 3.0 / built_month, sqrt(_MONTH_VARIES / rate + extra))
    money, squares = values[10], values[14]
    if money > _LEAST and squares > _LEAST:
        made_of = money * money / squares
        rate = made_of * LN2 / (90.0 * built_quarter)
        value = max(values[9], 0.0) / money * 3.0 * built_quarter / built_month
        inflow = Ratio(value, sqrt(_MONTH_VARIES / rate + extra))
    if values[11] > _LEAST:
        usual = values[11] * (30.0 * LN2 / 365.0) / built_year
        outflow, flows = -values[17] / usual, Flows(-values[16] / usual, -values[18] / usual, -values[19] / usual)
    negatives = 0.0 if risk.without_feedback else values[22]
    activity = _activity(risk.active_days, sums.as_of, zone)
    return Anchor(sums.as_of, week, month, inflow, outflow, negatives, activity, flows, made_of)


def _activity(days: ActiveDays | None, at: datetime, zone: tzinfo) -> History | None:
    if days is None:
        return None
    recency = float(days.bits.bit_length() - 1)
    age = (at - days.start(zone)) / DAY
    return History(days.bits.bit_count() - 1, recency, max(age, recency))


def stream_ratio(sums: DecayedSums, first: datetime, place: int, overdispersion: float) -> Ratio | None:
    """The 30-day rate of one stream of counts, by its place in SUMS, against its own 90-day rate."""
    if sums.as_of is None or sums.values[4 * place + 2] <= _LEAST:
        return None
    tenure = max((sums.as_of - first) / DAY, _SHORTEST)
    built_month, built_quarter = 1.0 - exp2(-tenure / 30.0), 1.0 - exp2(-tenure / 90.0)
    _, month, quarter, _ = sums.values[4 * place : 4 * place + 4]
    rate = quarter * LN2 / (90.0 * built_quarter)
    value = max(month, 0.0) / quarter * 3.0 * built_quarter / built_month
    return Ratio(value, sqrt(_MONTH_VARIES / rate + overdispersion * overdispersion))
