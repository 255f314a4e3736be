"""What the log-odds are made of: a named list. Each feature says how it moves while nothing happens.

One that `rises` rises with silence or stands still, so its weight is zero or more; one that `stands` is as of the
latest event, so its weight may have any sign. By that alone the risk never falls while nothing happens.
A feature that is not known of a customer counts as typical: it speaks neither way.
"""

from dataclasses import dataclass
from math import exp2, log, log1p
from typing import Final, Literal

from churn_alert.risk.domain.anchor import MONTH_FADES, WEEK_FADES, Anchor, Ratio
from rapport.behaviour.lifetime import History, MbgParameters, probability_silent

BEST: Final = 1.0
"""A burst of activity is no credit for later: above one spread over normal, a ratio counts as one spread."""
WORST_INFLOW: Final = -9.0
LONGEST_PAUSE: Final = 12.0
SURE: Final = 0.982
"""The chance of silence counts between 1.8 % and this: beyond, the model of silence is surer than it can be."""
MOST_ODDS: Final = SURE / (1.0 - SURE)
LEAST_ODDS: Final = 1.0 / MOST_ODDS
SURE_ODDS: Final = log(MOST_ODDS)
_WORST_OUTFLOW, _WORST_WEEK, _WORST_QUARTER = 2.0, 2.0, 6.0
_MOST_NEGATIVES = 2.0
_MOST_SAVED, _LEAST_SAVED = 24.0, 0.1
_FEWEST_PAYMENTS = 0.1
DAYS_A_MONTH: Final = 30.0


@dataclass(frozen=True, slots=True)
class Feature:
    """`says`: what one unit is."""

    name: str
    moves: Literal["rises", "stands"]
    says: str


def chance_of_silence(lifetime: MbgParameters, anchor: Anchor, silence: float, days: int) -> float | None:
    """P(no activity of the customer's own within `days`), `silence` days on; None before the first activity."""
    if anchor.activity is None:
        return None
    frequency, recency, age = anchor.activity
    return probability_silent(lifetime, History(frequency, recency, age + silence), days)


def odds_of_silence(lifetime: MbgParameters, anchor: Anchor, silence: float, days: int) -> float | None:
    """The log-odds of that chance, held within what the model of silence can know."""
    chance = chance_of_silence(lifetime, anchor, silence, days)
    if chance is None:
        return None
    if chance >= SURE:
        return SURE_ODDS
    return -SURE_ODDS if chance <= 1.0 - SURE else log(chance / (1.0 - chance))


def pause_of(activity: History, silence: float) -> float:
    """Months of 30 days since the end of the last active day."""
    _, recency, age = activity
    return min(max(age + silence - recency - 1.0, 0.0) / DAYS_A_MONTH, LONGEST_PAUSE)


def rising_of(anchor: Anchor, silence: float, days: int, lifetime: MbgParameters) -> tuple[float | None, ...]:
    """Those that rise, in the order of RISING, `silence` days after the anchor's event; None where not known."""
    month_left, activity = exp2(-silence * MONTH_FADES), anchor.activity
    inflow = _below(anchor.inflow, month_left)
    return (
        _below(anchor.week, exp2(-silence * WEEK_FADES)),
        _below(anchor.month, month_left),
        None if inflow is None else min(inflow, -WORST_INFLOW),
        odds_of_silence(lifetime, anchor, silence, days),
        None if activity is None else pause_of(activity, silence),
    )


def standing_of(anchor: Anchor) -> tuple[float | None, ...]:
    """Those that stand, in the order of STANDING; None where not known."""
    outflow, flows, payments, activity = anchor.outflow, anchor.flows, anchor.payments, anchor.activity
    in_week = in_quarter = saved = None
    if flows is not None:
        in_week = min(max(flows.week, -_WORST_WEEK), _WORST_WEEK)
        in_quarter = min(max(flows.quarter, -_WORST_QUARTER), _WORST_QUARTER)
        saved = log(_LEAST_SAVED + min(max(-flows.year, 0.0), _MOST_SAVED))
    return (
        None if outflow is None else min(max(outflow, 0.0), _WORST_OUTFLOW),
        in_week,
        in_quarter,
        saved,
        None if payments is None else log(max(payments, _FEWEST_PAYMENTS)),
        None if activity is None else log1p(activity.frequency),
        min(anchor.negatives, _MOST_NEGATIVES),
    )


def _below(ratio: Ratio | None, left: float) -> float | None:
    return None if ratio is None else -min((ratio.value * left - 1.0) / ratio.spread, BEST)


RISING: Final = (
    Feature("week", "rises", "spread by which the 7-day activity lies below the customer's own, from -1"),
    Feature("month", "rises", "spread by which the 30-day activity lies below the customer's own, from -1"),
    Feature("inflow", "rises", "spread by which money from outside lies below the customer's own, -1 to 9"),
    Feature("silence", "rises", "log-odds of no activity within the horizon, MBG/NBD, -4 to 4"),
    Feature("pause", "rises", "30 days without own activity, to 12"),
)
STANDING: Final = (
    Feature("outflow", "stands", "month of usual inflow gone within a month, 0 to 2"),
    Feature("outflow-week", "stands", "the same within a week, -2 to 2"),
    Feature("outflow-quarter", "stands", "the same within a quarter, -6 to 6"),
    Feature("saved", "stands", "log of 0.1 and the months of usual inflow that stayed within a year, to 24"),
    Feature("payments", "stands", "log of how many equal payments make the inflow of 90 days, from 0.1"),
    Feature("active-days", "stands", "log of the active days"),
    Feature("negatives", "stands", "negative feedback, decayed at 90 days, to 2"),
)
FEATURES: Final = RISING + STANDING
NAMES: Final = tuple(feature.name for feature in FEATURES)


def values_of(anchor: Anchor, silence: float, days: int, lifetime: MbgParameters) -> dict[str, float | None]:
    """Every feature by name, `silence` days after the anchor's event; None where it is not known."""
    values = rising_of(anchor, silence, days, lifetime) + standing_of(anchor)
    return dict(zip(NAMES, values, strict=True))
