"""What a customer's risk is made of, each measure beside that customer's own normal range: for people to read.

A range is where nine in ten values of a customer who goes on as before would lie; it is wide for whoever acts seldom.
Money that leaves and complaints are measured against what is usual for everybody.
"""

from dataclasses import dataclass
from datetime import datetime
from math import log

from churn_alert.risk.domain.anchor import MONTH_FADES, WEEK_FADES, Anchor, Ratio, stream_ratio
from churn_alert.risk.domain.behaviour import SUMS, Risk
from churn_alert.risk.domain.model import RiskModel
from rapport.behaviour.decay import DAY

_NINE_IN_TEN = 1.645
_USUAL_NEGATIVES = 0.5
"""A complaint of 90 days ago."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measure; an end of the range that is None is open, and both are where nothing is known to be normal."""

    name: str
    value: float
    normal_low: float | None
    normal_high: float | None

    @property
    def is_low(self) -> bool:
        """Below the normal range."""
        return self.normal_low is not None and self.value < self.normal_low

    @property
    def is_high(self) -> bool:
        """Above the normal range."""
        return self.normal_high is not None and self.value > self.normal_high


def indicators_of(risk: Risk, anchor: Anchor, model: RiskModel, at: datetime) -> tuple[Indicator, ...]:
    """All that is known of this customer as of `at`, in a fixed order.

    The ratios are a recent rate over the customer's own rate of the last months: 1 is as usual, 0.5 half of it.
    """
    silence = anchor.silence(at)
    month_left = 2.0 ** (-silence * MONTH_FADES)
    found: list[Indicator] = []
    for name, ratio, left in (
        ("activity-week", anchor.week, 2.0 ** (-silence * WEEK_FADES)),
        ("activity-month", anchor.month, month_left),
        ("transactions-month", _of_stream(risk, model, "own"), month_left),
        ("channel-use-month", _of_stream(risk, model, "uses"), month_left),
        ("inflow-month", anchor.inflow, month_left),
    ):
        if ratio is not None:
            found.append(_of_ratio(name, ratio, left))
    if anchor.outflow is not None:
        found.append(Indicator("outflow-month", anchor.outflow, None, model.usual_outflow))
    found.append(Indicator("negative-feedback", anchor.negatives, None, _USUAL_NEGATIVES))
    found += _of_silence(anchor, model, silence)
    return tuple(found)


def _of_ratio(name: str, ratio: Ratio, left: float) -> Indicator:
    reach = _NINE_IN_TEN * ratio.spread
    return Indicator(name, ratio.value * left, max(1.0 - reach, 0.0), 1.0 + reach)


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
    return [Indicator("days-without-activity", days, None, longest), Indicator("chance-of-silence", chance, None, None)]


def history_days(risk: Risk, at: datetime) -> float:
    """How long this customer has been seen."""
    return max((at - risk.first_event_at) / DAY, 0.0) if risk.first_event_at else 0.0
