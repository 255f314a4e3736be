"""What CDNOW is asked besides: customers active of late, where recency says nothing, and how early a timer warns."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from churn_alert.proof.domain.reliability import ranking
from fit_risk_model.books import Book
from fit_risk_model.cdnow import LABEL
from fit_risk_model.leading import best_lead, days_of_silence, gaps_of
from fit_risk_model.lifetimes import lifetime_of, parameters_of
from fit_risk_model.sources import Source
from fit_risk_model.windows import Made, SeenIn, Windows, log_odds_of, made, seen_in

RECENT, FALSE_ALARMS = 90, 0.2
TIMED = Windows((90, 135, 180), (), (360,))
"""For the timer, which meets gaps at every age of a customer's history."""


def shop_figures(book: Book, source: Source, found: Sequence[Made], overdispersion: float) -> dict[str, Any]:
    """By what was found: AUC among those active in the last 90 days, beside recency. By a fit on the customers of even
    number: the days gained on gaps of those of odd number, beside recency."""
    (of,) = found
    recent = of.test.of(of.test.recency <= RECENT)
    half = book._replace(lives={key: life for key, life in book.lives.items() if int(key) % 2 == 0})
    others = [key for key in sorted(book.lives) if int(key) % 2]
    seen: SeenIn = seen_in(half, TIMED, source.known, overdispersion)
    lifetime = parameters_of(lifetime_of(half, seen.train))
    (days,) = source.horizons
    timer = made(half, seen, TIMED, LABEL, days, lifetime, source.bounds).horizon
    gaps = gaps_of(book, others, timer, lifetime, overdispersion, days)
    ours, fixed = best_lead(gaps, FALSE_ALARMS), best_lead(days_of_silence(gaps), FALSE_ALARMS)
    return {
        "active in the last 90 days": {
            "samples": len(recent.outcomes),
            "auc": round(ranking(log_odds_of(of.horizon, recent), recent.outcomes), 4),
            "auc_of_recency": round(ranking(recent.recency, recent.outcomes), 4),
        },
        "lead at 20 % false alarms": {
            "gaps": len(gaps.lasted),
            "long": int((gaps.lasted > days).sum()),
            "days_gained": ours._asdict(),
            "by_a_fixed_number_of_silent_days": fixed._asdict(),
            "more": round(ours.days / fixed.days - 1.0, 4),
            "never_falls": bool((np.diff(gaps.scores, axis=1) >= 0.0).all()),
        },
    }
