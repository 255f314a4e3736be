"""The logistic for one horizon: what its log-odds are, how they become a probability, and what each feature adds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp2, isfinite, log
from typing import NamedTuple

from churn_alert.risk.domain import features
from churn_alert.risk.domain.anchor import MONTH_FADES, WEEK_FADES, Anchor
from churn_alert.risk.domain.calibration import AS_IT_IS, Calibration, RiskModelInvalid, logistic
from churn_alert.risk.domain.features import (
    BEST,
    DAYS_A_MONTH,
    LEAST_ODDS,
    LONGEST_PAUSE,
    MOST_ODDS,
    NAMES,
    RISING,
    SURE_ODDS,
    WORST_INFLOW,
    standing_of,
)
from rapport.behaviour.lifetime import MbgParameters, SilenceAhead


class Reason(NamedTuple):
    """What one feature adds to the log-odds against a customer of whom it is typical; below zero it lowers them."""

    name: str
    value: float
    typical: float
    contribution: float


class Fading(NamedTuple):
    """A ratio as it fades in silence: `weight` of each unit below 1, and how far above 1 counts at most."""

    weight: float
    value: float
    best: float


class Course(NamedTuple):
    """The log-odds of one customer by the days of silence after the anchor's event.

    The same as the sum over all features, with what silence does not change made once: it is asked five times an event.
    """

    base: float
    week: Fading | None
    month: Fading | None
    inflow: Fading | None
    of_silence: float
    of_pause: float
    quiet: SilenceAhead | None
    pause: float
    """Days since the last active day ended, as of the anchor's event; below zero on that day."""

    def log_odds(self, silence: float) -> float:
        """So many days after the anchor's event."""
        base, week, month, inflow, of_silence, of_pause, quiet, pause = self
        if week is not None:
            weight, value, best = week
            base -= weight * min(value * exp2(-silence * WEEK_FADES) - 1.0, best)
        if month is not None or inflow is not None:
            left = exp2(-silence * MONTH_FADES)
            if month is not None:
                weight, value, best = month
                base -= weight * min(value * left - 1.0, best)
            if inflow is not None:
                weight, value, best = inflow
                base -= weight * max(min(value * left - 1.0, best), WORST_INFLOW * best)
        if quiet is None:
            return base
        odds = quiet.odds(silence)
        base += of_silence * (SURE_ODDS if odds >= MOST_ODDS else -SURE_ODDS if odds <= LEAST_ODDS else log(odds))
        days = pause + silence
        return base if days <= 0.0 else base + of_pause * min(days / DAYS_A_MONTH, LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Horizon:
    """`weights` and `typical` have every feature: per unit, and the population's mean."""

    days: int
    intercept: float
    weights: Mapping[str, float]
    typical: Mapping[str, float]
    calibration: Calibration = AS_IT_IS
    _slopes: tuple[float, ...] = field(init=False)
    _unknown: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        where = f"horizons.{self.days}"
        for part, numbers in (("weights", self.weights), ("typical", self.typical)):
            _require_all_named(f"{where}.{part}", numbers)
        if self.days < 1 or not isfinite(self.intercept):
            raise RiskModelInvalid(f"{where}: days from 1 on, and a finite intercept")
        for feature in RISING:
            if self.weights[feature.name] < 0.0:
                fault = "below zero, so the risk could fall while nothing happens"
                raise RiskModelInvalid(f"{where}.weights.{feature.name}: {fault}")
        if self.weights["silence"] == 0.0 == self.weights["pause"]:
            fault = "with neither this nor pause the risk need not rise with silence"
            raise RiskModelInvalid(f"{where}.weights.silence: {fault}")
        object.__setattr__(self, "_slopes", tuple(self.weights[name] for name in NAMES))
        object.__setattr__(self, "_unknown", tuple(self.weights[name] * self.typical[name] for name in NAMES))

    def course(self, anchor: Anchor, lifetime: MbgParameters) -> Course:
        """The log-odds of this customer from the anchor's event on."""
        of_week, of_month, of_inflow, of_silence, of_pause, *slopes = self._slopes
        no_week, no_month, no_inflow, no_silence, no_pause, *unknown = self._unknown
        base = self.intercept
        for value, slope, without in zip(standing_of(anchor), slopes, unknown, strict=True):
            base += without if value is None else slope * value
        week = month = inflow = quiet = None
        if anchor.week is None:
            base += no_week
        else:
            value, spread = anchor.week
            week = Fading(of_week / spread, value, spread * BEST)
        if anchor.month is None:
            base += no_month
        else:
            value, spread = anchor.month
            month = Fading(of_month / spread, value, spread * BEST)
        if anchor.inflow is None:
            base += no_inflow
        else:
            value, spread = anchor.inflow
            inflow = Fading(of_inflow / spread, value, spread * BEST)
        if anchor.activity is None:
            return Course(base + no_silence + no_pause, week, month, inflow, 0.0, 0.0, None, 0.0)
        quiet = SilenceAhead.of(lifetime, anchor.activity, self.days)
        pause = anchor.activity.age - anchor.activity.recency - 1.0
        return Course(base, week, month, inflow, of_silence, of_pause, quiet, pause)

    def probability(self, log_odds: float) -> float:
        """What such log-odds came to in the window the calibration was fitted on."""
        return logistic(self.calibration.after(log_odds))

    def reasons(self, anchor: Anchor, silence: float, lifetime: MbgParameters) -> tuple[Reason, ...]:
        """Of all that is known of this customer and weighs anything; what adds most comes first."""
        found = []
        for name, value in features.values_of(anchor, silence, self.days, lifetime).items():
            weight, typical = self.weights[name], self.typical[name]
            if value is not None and weight:
                found.append(Reason(name, value, typical, weight * (value - typical)))
        return tuple(sorted(found, key=lambda reason: (-reason.contribution, reason.name)))


def _require_all_named(where: str, numbers: Mapping[str, float]) -> None:
    for name in numbers:
        if name not in NAMES:
            raise RiskModelInvalid(f"{where}.{name}: no feature of that name; there are {', '.join(NAMES)}")
    for name in NAMES:
        if name not in numbers:
            raise RiskModelInvalid(f"{where}.{name}: is missing; every feature has its number, 0 where it says nothing")
        if not isfinite(numbers[name]):
            raise RiskModelInvalid(f"{where}.{name}: is not a finite number")
