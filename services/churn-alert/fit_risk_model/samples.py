"""What is fitted and measured on: customers at some midnights, each with the features and what came of it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from churn_alert.risk.domain.anchor import Anchor, anchored
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.features import values_of
from fit_risk_model.books import Book, Told, fold
from fit_risk_model.progress import shown
from rapport.behaviour.lifetime import History, MbgParameters

Floats = NDArray[np.float64]


class Known(NamedTuple):
    """Who is looked at: with so much history and so many active days, as the thresholds of a model ask for."""

    history: timedelta
    active_days: int


class Seen(NamedTuple):
    """A customer at a midnight: days since the latest event, and since the last own activity if there was any."""

    customer: str
    cut: int
    anchor: Anchor
    silence: float


class Samples(NamedTuple):
    """A row a customer and midnight; a column a feature in the order of NAMES, NaN where it is not known."""

    values: Floats
    outcomes: Floats
    recency: Floats
    """Days since the last own activity; infinite before the first."""

    def of(self, wanted: NDArray[np.bool_]) -> "Samples":
        """Some of the rows."""
        return Samples(self.values[wanted], self.outcomes[wanted], self.recency[wanted])


def seen_at(book: Book, cuts: Sequence[int], known: Known, overdispersion: float) -> list[Seen]:
    """Everybody of whom enough is known, at the midnight of each of these days: nothing later is looked at."""
    lives = shown(book.lives.items(), f"{book.name}: days {cuts[0]} to {cuts[-1]}")
    return [one for key, life in lives for one in _of(book, key, life, cuts, known, overdispersion)]


def _of(
    book: Book, key: str, life: Sequence[Told], cuts: Sequence[int], known: Known, overdispersion: float
) -> Iterator[Seen]:
    risk, place = Risk("c"), 0
    for cut in cuts:
        at = book.day(cut)
        while place < len(life) and life[place].at < at:
            fold(risk, life[place].event, book.rulebook)
            place += 1
        days, first = risk.active_days, risk.first_event_at
        if first is None or at - first < known.history or (days.count if days else 0) < known.active_days:
            continue
        anchor = anchored(risk, book.rulebook.zone, overdispersion)
        if anchor is not None:
            yield Seen(key, cut, anchor, anchor.silence(at))


def histories(seen: Sequence[Seen]) -> list[History]:
    """The active days of those seen, as of their midnights, in days."""
    found = [one for one in seen if one.anchor.activity is not None]
    return [a._replace(age=a.age + one.silence) for one in found if (a := one.anchor.activity) is not None]


def sampled(book: Book, seen: Sequence[Seen], label: str, days: int, lifetime: MbgParameters) -> Samples:
    """Those of whom can be said what came of it within so many days."""
    outcome = book.drifts[label]
    values, outcomes, recency = [], [], []
    for one in seen:
        drifted = outcome(one.customer, book.day(one.cut), days)
        if drifted is None:
            continue
        of = values_of(one.anchor, one.silence, days, lifetime)
        values.append([np.nan if value is None else value for value in of.values()])
        outcomes.append(float(drifted))
        a = one.anchor.activity
        recency.append(np.inf if a is None else a.age + one.silence - a.recency)
    return Samples(np.array(values), np.array(outcomes), np.array(recency))
