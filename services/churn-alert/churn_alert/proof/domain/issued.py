"""How the alerts of the held out fared: nothing was done about them, so what came true is what would have come true.

Of who is treated a warning that was heeded looks like one that was false: precision, recall and lift of those would be
the worse the better the treatment is. They are counted apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from churn_alert.proof.domain.disclosure import LEAST_JUDGED
from churn_alert.proof.domain.reliability import Band, Lift, curve, lifts, ranking
from rapport.behaviour.rates import Rate, wilson

Places = np.ndarray[tuple[int], np.dtype[np.intp]]
"""Of alerts among others."""
SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)
"""Of the alerts, the riskiest first: where lift is told."""
_TOP = 0.2


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


class Columns:
    """Alerts one beside the other, so that groups of many are counted without going over them one by one."""

    def __init__(self, alerts: Sequence[Issued]) -> None:
        self._alerts = alerts
        whole = list(zip(*alerts, strict=True)) or [()] * len(Issued._fields)
        of = dict(zip(Issued._fields, whole, strict=True))
        self.person = np.unique(np.array(of["person"], dtype=np.str_), return_inverse=True)[1].reshape(-1)
        self.probability = np.array(of["probability"], dtype=np.float64)
        self.is_judged = np.array(of["is_judged"], dtype=np.bool_)
        self.lead = np.array([np.nan if days is None else days for days in of["lead_days"]], dtype=np.float64)
        self.silent = np.array([np.nan if days is None else days for days in of["silent_days"]], dtype=np.float64)

    def groups(self, name: str) -> dict[str, Places]:
        """By what an alert was, where the alerts of it lie."""
        place, found = Issued._fields.index(name), dict[Any, list[int]]()
        for at, one in enumerate(self._alerts):
            found.setdefault(one[place], []).append(at)
        return {f"{key:%Y-%m}" if name == "month" else str(key): np.array(those) for key, those in found.items()}

    def customers(self, places: Places | None = None) -> int:
        """How many persons these are of."""
        return int(np.unique(self.person if places is None else self.person[places]).size)


def figures(group: str | None, alerts: Columns, places: Places | None = None) -> Figures:
    """What these come to; `places`: those of a group, None: all."""
    of = np.arange(alerts.is_judged.size) if places is None else places
    judged = of[alerts.is_judged[of]]
    lead, probabilities = alerts.lead[judged], alerts.probability[judged]
    leads, outcomes = lead[~np.isnan(lead)], (~np.isnan(lead)).astype(np.float64)
    is_told = judged.size >= LEAST_JUDGED
    is_ranked = is_told and 0 < leads.size < judged.size
    silent = _silent(alerts, judged) if is_ranked else None
    return Figures(
        group=group,
        customers=alerts.customers(of),
        alerts=int(of.size),
        judged=int(judged.size),
        right=int(leads.size),
        precision=wilson(int(leads.size), int(judged.size)) if is_told else None,
        in_time=wilson(int((leads > 0).sum()), int(judged.size)) if is_told else None,
        median_lead_days=float(np.median(leads)) if is_told and leads.size else None,
        said=float(probabilities.mean()) if is_told else None,
        brier=float(((probabilities - outcomes) ** 2).mean()) if is_told else None,
        auc=ranking(probabilities, outcomes) if is_ranked else None,
        lift=lifts(probabilities, outcomes, (_TOP,))[0].lift if is_ranked else None,
        recency_auc=ranking(silent, outcomes) if silent is not None else None,
    )


def ranked(alerts: Columns) -> Ranked | None:
    """None of fewer than LEAST_JUDGED, and where all or none came true."""
    judged = np.flatnonzero(alerts.is_judged)
    probabilities, outcomes = alerts.probability[judged], (~np.isnan(alerts.lead[judged])).astype(np.float64)
    silent = _silent(alerts, judged)
    if judged.size < LEAST_JUDGED or not 0.0 < outcomes.sum() < judged.size:
        return None
    recency = lifts(silent, outcomes, SHARES) if silent is not None else []
    return Ranked(lifts(probabilities, outcomes, SHARES), recency, curve(probabilities, outcomes))


def calibration_error(bands: Iterable[Band]) -> float:
    """Mean distance between what was said and what came true, weighted by how many; there must be one band."""
    all_of_them = list(bands)
    apart = sum(abs(one.said - one.true.value) * one.samples for one in all_of_them)
    return float(apart / sum(one.samples for one in all_of_them))


def _silent(alerts: Columns, judged: Places) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    silent = alerts.silent[judged]
    return None if np.isnan(silent).any() else silent
