"""Strictly out of time: the weights are fitted at some midnights, calibrated at later ones, tested at later ones still.

Nothing of the test is known before its first midnight: by then what came of everybody of the other windows is.
"""

from collections.abc import Sequence
from math import log
from typing import Any, NamedTuple

import numpy as np

from churn_alert.proof.domain.reliability import ranking, reliability
from churn_alert.risk.documents import CalibrationDocument, HorizonDocument
from churn_alert.risk.domain.calibration import AS_IT_IS, Calibration
from churn_alert.risk.domain.features import NAMES
from churn_alert.risk.domain.horizon import Horizon
from fit_risk_model.books import Book
from fit_risk_model.fitting import Bounds, calibrated, demand_outcomes, demand_ranking, fitted, horizon_of, kept
from fit_risk_model.samples import Floats, Known, Samples, Seen, sampled, seen_at
from rapport.behaviour.lifetime import MbgParameters

MONTH = 30
"""The shortest time over which salaries and bills even out."""


class WindowsInvalid(ValueError):
    """The windows are not out of time."""


class Windows(NamedTuple):
    """Days of a book at whose midnights customers are looked at, in order. Without calibration the weights are taken
    at their word. `recent`: those by which it is seen whether more drift away of late, see `drifted`."""

    train: Sequence[int]
    calibrate: Sequence[int]
    test: Sequence[int]
    recent: Sequence[int] = ()

    def demand_order(self, horizon: int) -> None:
        """Raises WindowsInvalid, which names the window at fault."""
        if not self.train or not self.test:
            raise WindowsInvalid("train and test: a day each at least")
        if self.calibrate and self.train[-1] >= self.calibrate[0]:
            raise WindowsInvalid(f"calibrate: begins on day {self.calibrate[0]}, not after train, to {self.train[-1]}")
        closed = max(self.train[-1], *self.calibrate, 0) + horizon
        if closed > self.test[0]:
            raise WindowsInvalid(f"test: begins on day {self.test[0]}, before what came of the others, by day {closed}")
        if self.recent and not (self.calibrate and self.recent[-1] + MONTH <= self.test[0]):
            raise WindowsInvalid(f"recent: with a calibration, and its month over by day {self.test[0]}")


class SeenIn(NamedTuple):
    """Who is seen in each window."""

    train: list[Seen]
    calibrate: list[Seen]
    test: list[Seen]
    recent: list[Seen]


class Made(NamedTuple):
    """A horizon, fitted, with its figures in the test, and what it was made and tested on."""

    document: HorizonDocument
    horizon: Horizon
    figures: dict[str, Any]
    train: Samples
    test: Samples


def seen_in(book: Book, windows: Windows, known: Known, overdispersion: float) -> SeenIn:
    """One look at everybody's life a window."""
    return SeenIn(*(seen_at(book, cuts, known, overdispersion) if cuts else [] for cuts in windows))


def made(
    book: Book,
    seen: SeenIn,
    windows: Windows,
    label: str,
    days: int,
    lifetime: MbgParameters,
    bounds: Bounds,
    *,
    former: Horizon | None = None,
) -> Made:
    """One horizon; with the weights of `former` where it is given, and only calibrated anew. Raises RefitRefused,
    WindowsInvalid."""
    windows.demand_order(days)
    train, later, test = (sampled(book, of, label, days, lifetime) for of in seen[:3])
    linear, calibration = kept(former, train) if former else fitted(train, bounds), AS_IT_IS
    if windows.calibrate:
        demand_outcomes(later, "the calibration")
        calibration = calibrated(linear.log_odds(later.values), later.outcomes)
        if windows.recent:
            month = [sampled(book, of, label, MONTH, lifetime).outcomes for of in (seen.calibrate, seen.recent)]
            calibration = drifted(calibration, *month)
    horizon = horizon_of(days, linear, calibration)
    found = Made(_document(horizon, book, windows, later), horizon, {}, train, test)
    demand_ranking(log_odds_of(horizon, test), test)
    figures = reliability(probabilities_of(horizon, test), test.outcomes)._asdict()
    return found._replace(
        figures={
            "of": label,
            "fitted_on": f"{len(train.outcomes)} samples, {int(train.outcomes.sum())} of them, {_days(windows.train)}",
            "tested_on": _days(windows.test),
            **figures,
            "auc_of_the_days_since_the_last_own_activity": round(ranking(test.recency, test.outcomes), 3),
        }
    )


def drifted(calibration: Calibration, then: Floats, of_late: Floats) -> Calibration:
    """The calibration moved by how much the odds of drifting away within a month have changed since its window.

    What comes of a month is known when what comes of the horizon is not yet. Correction of the base rate alone:
    M. Saerens, P. Latinne, C. Decaestecker, Adjusting the outputs of a classifier to new a priori probabilities, Neural
    Computation 14 (2002); half an outcome of each kind is added, so that none is no certainty (Haldane, Anscombe).
    """
    before, now = (log((of.sum() + 0.5) / (len(of) - of.sum() + 0.5)) for of in (then, of_late))
    return Calibration(tuple((said, round(came + now - before, 4)) for said, came in calibration.points))


def log_odds_of(horizon: Horizon, samples: Samples) -> Floats:
    """What the horizon gives each, before calibration."""
    weights = np.array([horizon.weights[name] for name in NAMES])
    typical = np.array([horizon.typical[name] for name in NAMES])
    return np.asarray(horizon.intercept + np.where(np.isnan(samples.values), typical, samples.values) @ weights)


def probabilities_of(horizon: Horizon, samples: Samples) -> Floats:
    """What is said of each."""
    return np.array([horizon.probability(float(odds)) for odds in log_odds_of(horizon, samples)])


def _document(horizon: Horizon, book: Book, windows: Windows, later: Samples) -> HorizonDocument:
    how = "The weights are taken at their word: there is no later window before the test"
    if windows.calibrate:
        how = (
            f"Platt's line on {len(later.outcomes)} samples of {book.name}, {int(later.outcomes.sum())} of them, "
            f"{_days(windows.calibrate)}; the weights are of {_days(windows.train)}"
        )
        if windows.recent:
            how += f"; moved by how many drifted away within {MONTH} days of {_days(windows.recent)} and of then"
    return HorizonDocument(
        days=horizon.days,
        intercept=horizon.intercept,
        weights=dict(horizon.weights),
        typical=dict(horizon.typical),
        calibration=CalibrationDocument(points=horizon.calibration.points, fitted=how),
    )


def _days(cuts: Sequence[int]) -> str:
    return f"day {cuts[0]}" if len(cuts) == 1 else f"{len(cuts)} days from {cuts[0]} to {cuts[-1]}"
