"""How likely a customer is drifting away: a small transparent logistic over what the anchor shows, kept as data.

Every weight is zero or more and every term rises with silence or stands still, so the probability never falls while
nothing happens. Which customers it was fitted on, and how well it did, stands in the document it is read from.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from math import exp, exp2, log

from churn_alert.risk.domain.anchor import MONTH_FADES, WEEK_FADES, Anchor
from rapport.behaviour.lifetime import History, MbgParameters, probability_silent
from rapport.errors import DomainError

_BEST = 1.0
"""A burst of activity is no credit for later: above one spread over normal, a ratio counts as one spread."""
_WORST_INFLOW = -9.0
_WORST_OUTFLOW = 2.0
_MOST_NEGATIVES = 2.0
_SURE = 0.982
"""The chance of silence counts between 1.8 % and this: beyond, the model of silence is surer than it can be."""
_SURE_ODDS = log(_SURE / (1.0 - _SURE))
_LEAST_CHANCE = 1e-12


class RiskModelInvalid(DomainError):
    """The document breaks a rule of the model."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the log-odds: all but the intercept are zero or more."""

    intercept: float
    week: float
    month: float
    silence: float
    inflow: float
    outflow: float
    negatives: float


@dataclass(frozen=True, slots=True)
class RiskModel:
    """One version of the model, with the thresholds that go with it.

    Raised at `upper`; lowered at `lower`, but not within `dwell` of having been raised; raised again not within `rest`
    of having been lowered. Nothing is judged before `least_history` and `least_active_days`.
    """

    version: int
    horizon_days: int
    """Of the chance of silence."""
    lifetime: MbgParameters
    """In days."""
    overdispersion: float
    weights: Weights
    upper: float
    lower: float
    dwell: timedelta
    rest: timedelta
    least_history: timedelta
    least_active_days: int
    usual_outflow: float
    """Months of inflow that 95 % of the customers do not lose on balance within a month."""
    upper_log_odds: float = field(init=False)
    lower_log_odds: float = field(init=False)

    def __post_init__(self) -> None:
        weights = self.weights
        if min(weights.week, weights.month, weights.silence, weights.inflow, weights.outflow, weights.negatives) < 0:
            raise RiskModelInvalid("weights: below zero, so the risk could fall while nothing happens")
        if weights.silence == 0:
            raise RiskModelInvalid("weights.silence: without it the risk need not rise with silence")
        if not 0 < self.lower < self.upper < 1:
            raise RiskModelInvalid("thresholds: 0 < lower < upper < 1")
        if self.horizon_days < 1 or self.overdispersion <= 0 or self.least_active_days < 2:
            raise RiskModelInvalid("horizon_days, overdispersion or least_active_days is out of range")
        object.__setattr__(self, "upper_log_odds", logit(self.upper))
        object.__setattr__(self, "lower_log_odds", logit(self.lower))

    def chance_of_silence(self, anchor: Anchor, silence: float) -> float | None:
        """P(no activity of the customer's own within the horizon) so many days on; None before the first activity."""
        if anchor.activity is None:
            return None
        frequency, recency, age = anchor.activity
        return probability_silent(self.lifetime, History(frequency, recency, age + silence), self.horizon_days)

    def log_odds(self, anchor: Anchor, silence: float) -> float:
        """Of drifting away, `silence` days after the anchor's event. What is not known adds nothing.

        Asked some five times an event, so it calls as little as it can.
        """
        weights = self.weights
        total = weights.intercept + weights.negatives * min(anchor.negatives, _MOST_NEGATIVES)
        month_left = exp2(-silence * MONTH_FADES)
        if anchor.week is not None:
            value, spread = anchor.week
            total -= weights.week * min((value * exp2(-silence * WEEK_FADES) - 1.0) / spread, _BEST)
        if anchor.month is not None:
            value, spread = anchor.month
            total -= weights.month * min((value * month_left - 1.0) / spread, _BEST)
        if anchor.inflow is not None:
            value, spread = anchor.inflow
            total -= weights.inflow * max(min((value * month_left - 1.0) / spread, _BEST), _WORST_INFLOW)
        if anchor.outflow is not None and anchor.outflow > 0.0:
            total += weights.outflow * min(anchor.outflow, _WORST_OUTFLOW)
        chance = self.chance_of_silence(anchor, silence)
        if chance is None:
            return total
        if chance >= _SURE:
            return total + weights.silence * _SURE_ODDS
        return total + weights.silence * (-_SURE_ODDS if chance <= 1.0 - _SURE else log(chance / (1.0 - chance)))

    def probability(self, anchor: Anchor, silence: float) -> float:
        """Of drifting away, `silence` days after the anchor's event."""
        return logistic(self.log_odds(anchor, silence))


def logit(probability: float) -> float:
    """The log-odds; of what is nearly certain, something large."""
    return log(max(probability, _LEAST_CHANCE)) - log(max(1.0 - probability, _LEAST_CHANCE))


def logistic(log_odds: float) -> float:
    """The inverse of `logit`, without overflow."""
    return 1.0 / (1.0 + exp(-log_odds)) if log_odds > -700.0 else 0.0
