"""What a back-test comes to: alerts beside departures, recency beside both, and whether percentages can be believed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from churn_alert.proof.domain.departure import Definition, departures
from churn_alert.proof.domain.reliability import Band, Lift, Reliability, curve, lifts, ranking, reliability
from churn_alert.proof.domain.verdict import Alarm, Departures, Judged, Verdict, by_recency, judged, verdict
from churn_alert.proof.replaying import Said
from rapport.behaviour.active_days import ActiveDays

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Of everybody, the riskiest first: where lift is told."""
_LEAST = 10
"""Samples, as many as there are groups of them."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Everybody at the cuts, by one score: how well it ranks, and its lift."""

    auc: float
    lifts: Sequence[Lift]


@dataclass(frozen=True, slots=True)
class Tested:
    """`ours` and `recency`: the same customers, and as many alerts; `recency_days`: after how many days it warns.

    What follows `judged` is of everybody at the cuts, None where nobody or everybody left.
    """

    since: date
    until: date
    definition: Definition
    customers: int
    ours: Verdict
    recency: Verdict
    recency_days: int
    judged: Sequence[Judged]
    reliability: Reliability | None
    bands: Sequence[Band]
    by_probability: Ranked | None
    by_silence: Ranked | None


def departures_of(customers: Mapping[str, ActiveDays], definition: Definition, until: date) -> Departures:
    """Who left, by silence, as far as it is known before `until`."""
    found = {key: departures(days, definition, until) for key, days in customers.items()}
    return {key: those for key, those in found.items() if those}


def compare(
    alarms: Sequence[Alarm],
    said: Iterable[Said],
    customers: Mapping[str, ActiveDays],
    found: Departures,
    definition: Definition,
    since: date,
    until: date,
) -> Tested:
    """`found`: departures by silence or as they were told; `since`: the first day on which an alert could come."""
    days, plain = by_recency(customers, definition, since, until, most=len(alarms))
    seen = [one for one in said if one.day + definition.window < until]
    gone = {key: [one for one in those if one.gone_on is not None] for key, those in found.items()}
    there = [one for one in seen if not any(left.is_over(one.day) for left in gone.get(one.customer_id, ()))]
    outcomes = np.array(
        [any(left.is_told_by(one.day, definition) for left in found.get(one.customer_id, ())) for one in there],
        dtype=np.float64,
    )
    figures = None
    if len(there) >= _LEAST and 0.0 < outcomes.sum() < len(there):
        probabilities = np.array([one.probability for one in there])
        silences = np.array([float(one.silent_days) for one in there])
        figures = (
            reliability(probabilities, outcomes),
            curve(probabilities, outcomes),
            Ranked(ranking(probabilities, outcomes), lifts(probabilities, outcomes, SHARES)),
            Ranked(ranking(silences, outcomes), lifts(silences, outcomes, SHARES)),
        )
    certain, bands, ours, theirs = figures or (None, [], None, None)
    return Tested(
        since=since,
        until=until,
        definition=definition,
        customers=len(customers),
        ours=verdict(alarms, found, definition, since, until),
        recency=verdict(plain, found, definition, since, until),
        recency_days=days,
        judged=judged(alarms, found, definition, until),
        reliability=certain,
        bands=bands,
        by_probability=ours,
        by_silence=theirs,
    )
