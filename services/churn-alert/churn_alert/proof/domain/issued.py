"""How the alerts of the held out fared: nothing was done about them, so what came true is what would have come true.

Of who is treated a warning that was heeded looks like one that was false: precision, recall and lift of those would be
the worse the better the treatment is. They are counted apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import NamedTuple

import numpy as np

from churn_alert.proof.domain.reliability import Band, Lift, curve, lifts, ranking
from rapport.behaviour.rates import Rate, wilson

SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)
"""Of the alerts, the riskiest first: where lift is told."""
_TOP = 0.2
LEAST_JUDGED = 50
"""Judged alerts: a rate of fewer is uncertain by more than fourteen points either way, and is not told of a group."""


class Issued(NamedTuple):
    """An alert of somebody held out. `lead_days`: until the customer was gone, None of one that was wrong or is not
    judged. `silent_days`: without own activity when it was issued; None where that was not kept.
    """

    month: date
    tier: str
    stage: str
    segment: str
    severity: str
    cause: str
    model: str
    person: str
    probability: float
    is_judged: bool
    lead_days: int | None
    silent_days: int | None


BY = ("month", "tier", "stage", "segment", "severity", "cause", "model")
"""What figures are told by."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of alerts of the held out; what follows `right` is None of fewer than LEAST_JUDGED, and of all the same alike.

    `auc`, `lift`: how well the probability told at issue ranks them, and what came true among its highest fifth against
    all; `recency_auc`: how well days of silence rank the same alerts.
    """

    group: str | None
    customers: int
    alerts: int
    judged: int
    right: int
    precision: Rate | None
    in_time: Rate | None
    median_lead_days: float | None
    said: float | None
    brier: float | None
    auc: float | None
    lift: Rate | None
    recency_auc: float | None


class Ranked(NamedTuple):
    """Lift at each share, of the probability and of days of silence, and what was said in ten groups of equal size.

    `recency` is empty where the silence at issue was not kept of all.
    """

    ours: Sequence[Lift]
    recency: Sequence[Lift]
    bands: Sequence[Band]


def figures(group: str | None, alerts: Sequence[Issued]) -> Figures:
    """What these come to."""
    judged = [one for one in alerts if one.is_judged]
    leads = [one.lead_days for one in judged if one.lead_days is not None]
    is_told = len(judged) >= LEAST_JUDGED
    probabilities, outcomes = _arrays(judged)
    is_ranked = is_told and 0 < len(leads) < len(judged)
    silent = _silent(judged) if is_ranked else None
    return Figures(
        group=group,
        customers=len({one.person for one in alerts}),
        alerts=len(alerts),
        judged=len(judged),
        right=len(leads),
        precision=wilson(len(leads), len(judged)) if is_told else None,
        in_time=wilson(sum(days > 0 for days in leads), len(judged)) if is_told else None,
        median_lead_days=float(median(leads)) if is_told and leads else None,
        said=float(probabilities.mean()) if is_told else None,
        brier=float(((probabilities - outcomes) ** 2).mean()) if is_told else None,
        auc=ranking(probabilities, outcomes) if is_ranked else None,
        lift=lifts(probabilities, outcomes, (_TOP,))[0].lift if is_ranked else None,
        recency_auc=ranking(silent, outcomes) if silent is not None else None,
    )


def ranked(alerts: Sequence[Issued]) -> Ranked | None:
    """None of fewer than LEAST_JUDGED, and where all or none came true."""
    judged = [one for one in alerts if one.is_judged]
    probabilities, outcomes = _arrays(judged)
    silent = _silent(judged)
    if len(judged) < LEAST_JUDGED or not 0.0 < outcomes.sum() < len(judged):
        return None
    recency = lifts(silent, outcomes, SHARES) if silent is not None else []
    return Ranked(lifts(probabilities, outcomes, SHARES), recency, curve(probabilities, outcomes))


def calibration_error(bands: Iterable[Band]) -> float:
    """Mean distance between what was said and what came true, weighted by how many; there must be one band."""
    all_of_them = list(bands)
    apart = sum(abs(one.said - one.true.value) * one.samples for one in all_of_them)
    return float(apart / sum(one.samples for one in all_of_them))


def _arrays(judged: Sequence[Issued]) -> tuple["np.ndarray[tuple[int], np.dtype[np.float64]]", ...]:
    said = np.fromiter((one.probability for one in judged), np.float64, len(judged))
    return said, np.fromiter((one.lead_days is not None for one in judged), np.float64, len(judged))


def _silent(judged: Sequence[Issued]) -> "np.ndarray[tuple[int], np.dtype[np.float64]] | None":
    if any(one.silent_days is None for one in judged):
        return None
    return np.fromiter((one.silent_days or 0 for one in judged), np.float64, len(judged))
