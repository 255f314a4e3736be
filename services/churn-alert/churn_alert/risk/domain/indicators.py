"""What a customer's risk is made of, each measure beside that customer's own normal range: for people to read.

First the four indicators of the manual, each against what is normal for this customer, then the finer measures that
are parts of them. A part's range is where nine in ten values of a customer who goes on as before would lie, an
indicator's is wider; both are wide for whoever acts seldom. Money that leaves is measured against everybody's usual.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import Any, Self

from churn_alert.risk.domain.anchor import MONTH_FADES, WEEK_FADES, Anchor, Ratio, stream_ratio
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.model import RiskModel
from churn_alert.risk.domain.normal import Normal
from churn_alert.risk.domain.sums import OUT_OF_RANGE, SUMS
from churn_alert.risk.domain.watching import leaves
from rapport.behaviour.decay import DAY

TRANSACTIONS, ACTIVITY, FEEDBACK, PRODUCT_USE = FOUR = (
    "transactions",
    "account-activity",
    "service-feedback",
    "product-use",
)
"""Of the manual: fewer transactions, lower account activity, negative service feedback, lower product use."""
_NAMES = (TRANSACTIONS, "turnover", "balance", FEEDBACK, PRODUCT_USE)
_WHOLES = (None, ACTIVITY, ACTIVITY, None, None)
"""By their place in OUT_OF_RANGE: the name, and of which of the FOUR it is a part."""
_NINE_IN_TEN = 1.645
_USUAL_NEGATIVES = 0.5
"""A complaint of 90 days ago."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measure; an end of the range that is None is open, and both are where nothing is known to be normal.

    `deviations`: how many spreads `value` lies from `baseline`, below zero where it is less. `since`: out of the range
    since then, None within. `part_of`: which of the FOUR it is a part of, None of those themselves. Without
    `enough_history` there is no range yet, and nothing that follows from one.
    """

    name: str
    value: float
    normal_low: float | None
    normal_high: float | None
    baseline: float | None = None
    deviations: float | None = None
    since: datetime | None = None
    part_of: str | None = None
    enough_history: bool = True

    @classmethod
    def kept(cls, cells: Mapping[str, Any]) -> Self:
        """As it was kept in a document, where a moment is text."""
        since = cells.get("since")
        return cls(**dict(cells) | {"since": datetime.fromisoformat(since) if since else None})

    @property
    def is_low(self) -> bool:
        """Below the normal range."""
        return self.normal_low is not None and self.value < self.normal_low

    @property
    def is_high(self) -> bool:
        """Above the normal range."""
        return self.normal_high is not None and self.value > self.normal_high


def indicators_of(
    risk: Risk, anchor: Anchor, model: RiskModel, normal: Normal | None, at: datetime
) -> tuple[Indicator, ...]:
    """All that is known of this customer as of `at`, in a fixed order: the FOUR, then their parts.

    The ratios are a recent rate over the customer's own rate of the last months: 1 is as usual, 0.5 half of it.
    """
    silence = anchor.silence(at)
    month_left = 2.0 ** (-silence * MONTH_FADES)
    found = _four(risk, normal, at) if normal else []
    for name, whole, ratio, left in (
        ("activity-week", TRANSACTIONS, anchor.week, 2.0 ** (-silence * WEEK_FADES)),
        ("activity-month", TRANSACTIONS, anchor.month, month_left),
        ("transactions-month", TRANSACTIONS, _of_stream(risk, model, "own"), month_left),
        ("channel-use-month", PRODUCT_USE, _of_stream(risk, model, "uses"), month_left),
        ("inflow-month", ACTIVITY, anchor.inflow, month_left),
    ):
        if ratio is not None:
            found.append(_of_ratio(name, whole, ratio, left))
    if anchor.outflow is not None:
        found.append(Indicator("outflow-month", anchor.outflow, None, model.usual_outflow, part_of=ACTIVITY))
    found.append(Indicator("negative-feedback", anchor.negatives, None, _USUAL_NEGATIVES, part_of=FEEDBACK))
    found += _of_silence(anchor, model, silence)
    return tuple(found)


def _four(risk: Risk, normal: Normal, at: datetime) -> list[Indicator]:
    """The four, and of the account's activity the two that it is the worse of."""
    transactions, turnover, balance, feedback, product_use = [
        _of_normal(risk, normal, place, at) for place in range(len(OUT_OF_RANGE))
    ]
    return [transactions, _account_activity([turnover, balance]), feedback, product_use, turnover, balance]


def _of_normal(risk: Risk, normal: Normal, place: int, at: datetime) -> Indicator:
    name, whole, measure = _NAMES[place], _WHOLES[place], normal.measures[place]
    if measure is None or (at < normal.begins and measure is not normal.feedback):
        value = normal.value(place, at) if measure else 0.0
        return Indicator(name, value, None, None, part_of=whole, enough_history=False)
    value, (_, usual, spread, reach) = normal.value(place, at), measure
    is_bad_high, since = measure is normal.feedback, None
    low = None if is_bad_high else max(usual - reach, 0.0)
    high = usual + reach if is_bad_high else None
    if (low is not None and value < low) or (high is not None and value > high):
        out_at = risk.out_at[place] or leaves(normal, place)
        since = out_at if out_at and out_at <= at else None
    return Indicator(name, value, low, high, usual, (value - usual) / spread, since, whole)


def _account_activity(parts: list[Indicator]) -> Indicator:
    """The part that lies further below its own usual, as a share of that; out of range since the first of them is."""
    known = [one for one in parts if one.enough_history and one.baseline]
    if not known:
        return Indicator(ACTIVITY, 0.0, None, None, enough_history=False)
    worst = min(known, key=lambda one: one.deviations or 0.0)
    assert worst.baseline is not None and worst.normal_low is not None
    return Indicator(
        ACTIVITY,
        worst.value / worst.baseline,
        worst.normal_low / worst.baseline,
        None,
        baseline=1.0,
        deviations=worst.deviations,
        since=min((one.since for one in known if one.since), default=None),
    )


def _of_ratio(name: str, whole: str, ratio: Ratio, left: float) -> Indicator:
    value, reach = ratio.value * left, _NINE_IN_TEN * ratio.spread
    return Indicator(
        name,
        value,
        max(1.0 - reach, 0.0),
        1.0 + reach,
        baseline=1.0,
        deviations=(value - 1.0) / ratio.spread,
        part_of=whole,
    )


def _of_stream(risk: Risk, model: RiskModel, name: str) -> Ratio | None:
    if risk.first_event_at is None:
        return None
    return stream_ratio(risk.sums, risk.first_event_at, SUMS.index(name), model.overdispersion)


def _of_silence(anchor: Anchor, model: RiskModel, silence: float) -> list[Indicator]:
    chance = model.chance_of_silence(anchor, silence)
    if anchor.activity is None or chance is None:
        return []
    frequency, recency, age = anchor.activity
    days = max(age + silence - recency - 1.0, 0.0)
    longest = -log(0.05) * recency / frequency if frequency else None
    return [
        Indicator("days-without-activity", days, None, longest, part_of=TRANSACTIONS),
        Indicator("chance-of-silence", chance, None, None, part_of=TRANSACTIONS),
    ]


def history_days(risk: Risk, at: datetime) -> float:
    """How long this customer has been seen."""
    return max((at - risk.first_event_at) / DAY, 0.0) if risk.first_event_at else 0.0
