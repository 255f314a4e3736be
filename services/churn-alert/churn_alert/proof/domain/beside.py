"""Alerts beside a rule that counts days without own activity alone: on the same customers, over the same months.

Of whom neither an alert nor its absence changed what they did: the held out, and as large a share of who was never
warned of. Each of these counts as that share, and so does not stand for more than there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from churn_alert.proof.domain.disclosure import LEAST, LEAST_JUDGED
from churn_alert.proof.domain.issued import Issued
from rapport.behaviour.rates import Rate, wilson


class Pauses(NamedTuple):
    """Warnings of the recency rule alike in what came of them. `month`: its first day.

    `arm`: of the person's first alert; None of who was never warned of. `recency_lead`: where that very silence became
    a departure, days from the first warning of this rule until the customer was gone; `alert_lead`: from the first
    alert of it, None without one.
    """

    month: date
    tier: str
    stage: str
    segment: str
    arm: str | None
    is_right: bool
    recency_lead: int | None
    alert_lead: int | None
    customers: int


@dataclass(frozen=True, slots=True)
class Fared:
    """How one rule fared. `judged`: its warnings, `right` of them about a departure. `caught`: of the departures, those
    that it told of, before or after the customer was gone; `in_time`: before. Rates are None of too few.
    """

    judged: float
    right: float
    precision: Rate | None
    caught: float
    recall: Rate | None
    in_time: Rate | None
    median_lead_days: float | None


@dataclass(frozen=True, slots=True)
class Beside:
    """Both rules on the same departures. `lost`, `without_alert`: of all customers, the treated too."""

    group: str | None
    lost: int
    without_alert: int
    departures: float
    alerts: Fared
    recency: Fared


def beside(group: str | None, alerts: Iterable[Issued], pauses: Sequence[Pauses], share: float) -> Beside:
    """`alerts`: of the held out, of the months of `pauses`. `share`: that is held out of who is warned of."""
    judged = [one for one in alerts if one.is_judged]
    right = float(sum(one.lead_days is not None for one in judged))
    weights = {"held-out": 1.0, None: share}
    counted = [(one, weights[one.arm] * one.customers) for one in pauses if one.arm in weights]
    gone = [(one, weight) for one, weight in counted if one.recency_lead is not None]
    departures = sum(weight for _, weight in gone)
    warned = sum(weight for _, weight in counted)
    told = sum(weight for one, weight in counted if one.is_right)
    left = [one for one in pauses if one.recency_lead is not None]
    return Beside(
        group,
        lost=sum(one.customers for one in left),
        without_alert=sum(one.customers for one in left if one.alert_lead is None),
        departures=departures,
        alerts=_fared(float(len(judged)), right, departures, _leads((one.alert_lead, weight) for one, weight in gone)),
        recency=_fared(warned, told, departures, _leads((one.recency_lead, weight) for one, weight in gone)),
    )


def _leads(found: Iterable[tuple[int | None, float]]) -> Mapping[int, float]:
    leads: dict[int, float] = {}
    for days, weight in found:
        if days is not None:
            leads[days] = leads.get(days, 0.0) + weight
    return leads


def _fared(judged: float, right: float, departures: float, leads: Mapping[int, float]) -> Fared:
    """Each interval is as wide as if so many had been counted one by one, as wide as it can be with such shares."""
    caught = sum(leads.values())
    is_told = departures >= LEAST
    return Fared(
        judged=judged,
        right=right,
        precision=wilson(right, judged) if judged >= LEAST_JUDGED else None,
        caught=caught,
        recall=wilson(caught, departures) if is_told else None,
        in_time=wilson(sum(weight for days, weight in leads.items() if days > 0), departures) if is_told else None,
        median_lead_days=_median(leads) if caught >= LEAST else None,
    )


def _median(leads: Mapping[int, float]) -> float:
    half, passed = sum(leads.values()) / 2.0, 0.0
    for days, weight in sorted(leads.items()):
        passed += weight
        if passed >= half:
            return float(days)
    raise ValueError("the median of nothing")
