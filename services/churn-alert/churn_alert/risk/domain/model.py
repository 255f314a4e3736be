"""How likely a customer is drifting away within 30 and within 90 days: a small transparent logistic, kept as data.

No weight of a feature that rises with silence is below zero and each calibration rises, so no probability ever falls
while nothing happens. Which customers it was fitted on, and how well it did, stands in the document it is read from.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from math import log

from churn_alert.risk.domain import features
from churn_alert.risk.domain.anchor import Anchor
from churn_alert.risk.domain.calibration import RiskModelInvalid, logit
from churn_alert.risk.domain.horizon import Course, Horizon, Reason
from rapport.behaviour.lifetime import MbgParameters

LEAST_BAND = log(2.0)
"""Log-odds between the thresholds: where the odds do not double on the way up, an ordinary day leads up and down."""


@dataclass(frozen=True, slots=True)
class RiskModel:
    """One version of the model, with the thresholds that go with it, on the probability of the horizon `decides`.

    Raised at `upper`; lowered at `lower`, but not within `dwell` of having been raised; raised again not within `rest`
    of having been lowered. Nothing is judged before `least_history` and `least_active_days`.
    """

    version: int
    lifetime: MbgParameters
    """In days."""
    overdispersion: float
    horizons: tuple[Horizon, ...]
    """By their days, the shortest first."""
    decides: int
    upper: float
    lower: float
    dwell: timedelta
    rest: timedelta
    least_history: timedelta
    least_active_days: int
    usual_outflow: float
    """Months of inflow that 95 % of the customers do not lose on balance within a month."""
    deciding: Horizon = field(init=False)
    upper_log_odds: float = field(init=False)
    """Before calibration, as `log_odds` gives them."""
    lower_log_odds: float = field(init=False)

    def __post_init__(self) -> None:
        days = [horizon.days for horizon in self.horizons]
        if days != sorted(set(days)) or self.decides not in days:
            raise RiskModelInvalid("thresholds.horizon_days: one of the horizons, which are in order, each once")
        if not 0 < self.lower < self.upper < 1:
            raise RiskModelInvalid("thresholds: 0 < lower < upper < 1")
        if logit(self.upper) - logit(self.lower) < LEAST_BAND - 1e-9:
            raise RiskModelInvalid(
                "thresholds.lower: customers would flap; it has at most half the odds of the upper one"
            )
        if self.overdispersion <= 0 or self.least_active_days < 2:
            raise RiskModelInvalid("overdispersion or least_active_days is out of range")
        object.__setattr__(self, "deciding", self.horizons[days.index(self.decides)])
        calibration = self.deciding.calibration
        object.__setattr__(self, "upper_log_odds", calibration.before(logit(self.upper)))
        object.__setattr__(self, "lower_log_odds", calibration.before(logit(self.lower)))

    @property
    def horizon_days(self) -> int:
        """Of the probability that decides."""
        return self.decides

    def chance_of_silence(self, anchor: Anchor, silence: float) -> float | None:
        """P(no activity of the customer's own within the horizon) so many days on; None before the first activity."""
        return features.chance_of_silence(self.lifetime, anchor, silence, self.decides)

    def log_odds(self, anchor: Anchor, silence: float) -> float:
        """Of drifting away within the deciding horizon, before calibration, `silence` days after the anchor's event.

        Asked some five times an event, so what silence does not change is made once.
        """
        course: Course | None = anchor.course
        if course is None:
            course = anchor.course = self.deciding.course(anchor, self.lifetime)
        return course.log_odds(silence)

    def probability(self, anchor: Anchor, silence: float) -> float:
        """Of drifting away within the deciding horizon, `silence` days after the anchor's event."""
        return self.deciding.probability(self.log_odds(anchor, silence))

    def probabilities(self, anchor: Anchor, silence: float) -> dict[int, float]:
        """By the days of each horizon."""
        return {
            one.days: self.probability(anchor, silence)
            if one is self.deciding
            else one.probability(one.course(anchor, self.lifetime).log_odds(silence))
            for one in self.horizons
        }

    def reasons(self, anchor: Anchor, silence: float) -> tuple[Reason, ...]:
        """Why the deciding probability is what it is for this very customer."""
        return self.deciding.reasons(anchor, silence, self.lifetime)
