"""How early a timer warns: the days it gains before a gap has lasted so long, at a share of false alarms.

A gap begins with an activity. An alarm is due at the first day of silence on which the score reaches a threshold, while
the gap lasts; it is false where the customer comes back within the gap's limit. The threshold is the one that gains
most days while no more than the share of all alarms are false, for each score by itself, so that they can be compared.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from churn_alert.risk.domain.anchor import anchored
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.horizon import Horizon
from fit_risk_model.books import Book, fold
from fit_risk_model.progress import shown
from rapport.behaviour.decay import DAY
from rapport.behaviour.lifetime import MbgParameters

Floats = NDArray[np.float64]


class Gaps(NamedTuple):
    """A row a gap. `scores`: log-odds on each day of silence from 0 to the limit. `lasted`: days, at least."""

    scores: Floats
    lasted: Floats

    @property
    def limit(self) -> int:
        """Days after which a gap is long."""
        return int(self.scores.shape[1]) - 1


class Lead(NamedTuple):
    """`days` gained on all long gaps together, by so many alarms, of which this share is false."""

    days: int
    alarms: int
    false_share: float


def gaps_of(
    book: Book, customers: Sequence[str], horizon: Horizon, lifetime: MbgParameters, overdispersion: float, limit: int
) -> Gaps:
    """Every gap of these customers of which is known whether it is longer than the limit."""
    scores, lasted = [], []
    for customer in shown(customers, f"{book.name}: gaps"):
        risk, life = Risk("c"), book.lives[customer]
        for place, told in enumerate(life):
            fold(risk, told.event, book.rulebook)
            has_end = place + 1 < len(life)
            until = life[place + 1].at if has_end else book.day(book.days)
            days = (until - told.at) // DAY
            if not has_end and days <= limit:
                continue
            anchor = anchored(risk, book.rulebook.zone, overdispersion)
            if anchor is None:
                continue
            course = horizon.course(anchor, lifetime)
            scores.append([course.log_odds(float(day)) for day in range(limit + 1)])
            lasted.append(days)
    return Gaps(np.array(scores), np.array(lasted, dtype=np.float64))


def days_of_silence(gaps: Gaps) -> Gaps:
    """The same gaps by a fixed number of silent days, whoever it is."""
    return gaps._replace(scores=np.tile(np.arange(gaps.limit + 1.0), (len(gaps.lasted), 1)))


def best_lead(gaps: Gaps, false_share: float) -> Lead:
    """The most days that can be gained with no larger share of false alarms; scores never fall along a row."""
    best = Lead(0, 0, 0.0)
    ends, is_long = np.minimum(gaps.lasted, gaps.limit), gaps.lasted > gaps.limit
    for threshold in np.unique(np.quantile(gaps.scores, np.linspace(0.0, 1.0, 1001))):
        first = (gaps.scores < threshold).sum(axis=1)
        raised = first < ends
        alarms, false = int(raised.sum()), int((raised & ~is_long).sum())
        gained = int((gaps.limit - first[raised & is_long]).sum())
        if alarms and false <= false_share * alarms and gained > best.days:
            best = Lead(gained, alarms, false / alarms)
    return best
