"""From the log-odds that the weights give to those that came true: a rising map, fitted on a later window.

Straight between its points and straight on beyond its ends, so two points are Platt's line (Platt 1999) and more are
the isotonic regression of groups (Zadrozny & Elkan 2002). It rises strictly: a threshold has one place on either side.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite, log

from rapport.errors import DomainError

_LEAST_CHANCE = 1e-12


class RiskModelInvalid(DomainError):
    """The document breaks a rule of the model."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """`points`: pairs of log-odds, before and after."""

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        pairs = list(zip(self.points, self.points[1:], strict=False))
        if not pairs or not all(isfinite(value) for point in self.points for value in point):
            raise RiskModelInvalid("points: two at least, all of finite numbers")
        for number, (before, after) in enumerate(pairs, start=1):
            if not (before[0] < after[0] and before[1] < after[1]):
                raise RiskModelInvalid(f"points.{number}: both of its numbers must lie above those before it")

    def after(self, log_odds: float) -> float:
        """What the log-odds come to."""
        return _on_line(self.points, log_odds)

    def before(self, log_odds: float) -> float:
        """The inverse: what the weights must give for these log-odds to be said."""
        return _on_line([(after, before) for before, after in self.points], log_odds)


AS_IT_IS = Calibration(((0.0, 0.0), (1.0, 1.0)))


def logit(probability: float) -> float:
    """The log-odds; of what is nearly certain, something large."""
    return log(max(probability, _LEAST_CHANCE)) - log(max(1.0 - probability, _LEAST_CHANCE))


def logistic(log_odds: float) -> float:
    """The inverse of `logit`, without overflow."""
    return 1.0 / (1.0 + exp(-log_odds)) if log_odds > -700.0 else 0.0


def _on_line(points: Sequence[tuple[float, float]], value: float) -> float:
    place = min(max(bisect_right(points, value, key=lambda point: point[0]), 1), len(points) - 1)
    (x0, y0), (x1, y1) = points[place - 1], points[place]
    return y0 + (value - x0) * (y1 - y0) / (x1 - x0)
