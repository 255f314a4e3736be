"""Alerts are set beside a rule that counts silent days alone: on the same customers, without looking ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import median_low
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from churn_alert.proof.domain.outcome import Paused, gone_on, paused, warned_by_recency
from churn_alert.proof.handlers import Measuring
from tests.churn_alert.proof.pauses import (
    AFTER,
    DEFINITION,
    FIRST,
    MAY,
    OCTOBER,
    Customer,
    active,
    came_of,
    drawn,
    keep_up,
    opened,
    warnings,
    written,
)
from tests.support.delivering import Delivering


@given(st.sets(st.integers(0, 300), min_size=12), st.integers(7, 59), st.integers(0, 200))
def test_the_rule_warns_on_the_day_by_which_so_many_have_passed_in_silence(
    offsets: set[int], after: int, since: int
) -> None:
    days = {FIRST + timedelta(days=one) for one in offsets}
    begins, ends = FIRST + timedelta(days=since), FIRST + timedelta(days=320)
    found = list(warned_by_recency(active(days), after, DEFINITION, begins, ends))
    assert found == warnings(days, begins, ends, after)
    later = active({*days, *(ends + timedelta(days=one) for one in range(3))})
    assert list(warned_by_recency(later, after, DEFINITION, begins, ends)) == found, "what comes later changes nothing"


@given(st.integers(0, 10_000))
def test_what_came_of_a_warning_is_what_a_plain_count_over_the_days_says(seed: int) -> None:
    (customer,) = drawn(1, seed)
    for day in warnings(customer.days, MAY, OCTOBER):
        found = paused(active(customer.days), AFTER, day, opened(customer), DEFINITION)
        assert found == came_of(customer, day)


def test_a_silence_that_a_late_event_made_shorter_than_the_rule_waits_was_warned_of_for_nothing() -> None:
    """Also where by a later version it is long enough for a departure: nothing is said, and nothing fails."""
    begins, until = FIRST + timedelta(days=100), FIRST + timedelta(days=300)
    active_on = {FIRST + timedelta(days=one) for one in range(300)} - {
        begins + timedelta(days=one) for one in range(35)
    }
    sooner, warned_on = replace(DEFINITION, silent_days=30), begins + timedelta(days=40)
    assert gone_on(active(active_on), begins, sooner) == begins + timedelta(days=30) < until
    assert paused(active(active_on), 40, warned_on, [], sooner) == Paused(warned_on, None, None, None, None, None)


def _wilson(hits: float, of: float) -> dict[str, float]:
    """Of whole numbers by SciPy; of others by the formula, written once more."""
    if hits == int(hits) and of == int(of):
        found = binomtest(int(hits), int(of)).proportion_ci(0.95, method="wilson")
        return {"value": hits / of, "low": found.low, "high": found.high}
    z, p = 1.959963984540054, hits / of
    middle, reach = (p + z * z / (2 * of)) / (1 + z * z / of), z / (1 + z * z / of)
    half = reach * (p * (1 - p) / of + z * z / (4 * of * of)) ** 0.5
    return {"value": p, "low": middle - half, "high": middle + half}


def _rule(judged: float, right: float, leads: Sequence[tuple[int, float]], departures: float) -> dict[str, object]:
    """`leads`: of the departures that it told of, with their weights."""
    caught = sum(weight for _, weight in leads)
    each = [days for days, weight in sorted(leads) for _ in range(round(weight * 10_000))]
    return {
        "judged": round(judged, 1),
        "right": round(right, 1),
        "precision": _wilson(right, judged),
        "caught": round(caught, 1),
        "recall": _wilson(caught, departures),
        "in_time": _wilson(sum(weight for days, weight in leads if days > 0), departures),
        "median_lead_days": median_low(each),
    }


def _recounted(
    customers: Sequence[Customer], tier: str | None = None, *, later_alerts: bool = False
) -> dict[str, object]:
    """The answer, by going over everybody and every day of the months that are compared."""
    alerts = [(one, day) for one in customers for day in one.alerts]
    share = sum(one.arm == "held-out" for one, _ in alerts) / len(alerts)
    weight = {"held-out": 1.0, None: share, "treated": 0.0}
    came = [
        came_of(one, day, later_alerts=later_alerts)
        for one in customers
        for day in warnings(one.days, MAY, OCTOBER)
        if tier in (None, one.tier if one.is_known else "unknown")
    ]
    left = [(one, weight[one.arm]) for one in came if one.left_on]
    counted = [(one, weight) for one, weight in left if weight]
    departures = sum(weight for _, weight in counted)
    held_out = [
        came_of(one, day)
        for one, day in alerts
        if one.arm == "held-out" and MAY <= day < OCTOBER and tier in (None, one.tier)
    ]
    right = float(sum(one.gone_on is not None for one in held_out))
    told = sum(weight[one.arm] for one in came if one.gone_on)
    ours, theirs = (
        [(days(one), weight) for one, weight in counted if days(one) is not None] for days in (_alert_lead, _lead)
    )
    return {
        "lost": len(left),
        "without_alert": sum(one.alerted_on is None for one, _ in left),
        "departures": round(departures, 1),
        "alerts": _rule(float(len(held_out)), right, ours, departures),
        "recency": _rule(sum(weight[one.arm] for one in came), told, theirs, departures),
    }


def _alert_lead(one: Paused) -> Any:
    return (one.left_on - one.alerted_on).days if one.left_on and one.alerted_on else None


def _lead(one: Paused) -> Any:
    return (one.left_on - one.told_on).days if one.left_on and one.told_on else None


def _flat(found: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    flat: dict[str, float] = {}
    for name, value in found.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return flat


def _same(shown: Mapping[str, Any], counted: Mapping[str, Any]) -> bool:
    told = {name: shown[name] for name in counted}
    return _flat(told) == pytest.approx(_flat(counted), abs=1e-6)


@pytest.mark.usefixtures("lived")
async def test_precision_and_recall_of_both_rules_are_what_a_plain_count_says(
    service: Delivering, measure: Measuring, analyst: httpx.AsyncClient
) -> None:
    customers = drawn(600, seed=5)
    await written(service, customers)
    await keep_up(service, measure)
    found = (await analyst.get("/proof")).json()
    (whole, *_), by = found["recall"], found["recall_by"]
    assert found["recency_days"] == AFTER
    assert _same(whole, _recounted(customers))
    assert whole["recall"] == whole["alerts"]["recall"]
    assert not _same(whole, _recounted(customers, later_alerts=True)), "alerts of after the window tell of nothing"
    for tier in ("high", "low"):
        (group,) = [one for one in by["tier"] if one["group"] == tier]
        assert _same(group, _recounted(customers, tier))
    assert {one["group"] for one in by["tier"]} == {"high", "low", "unknown"}
    assert sum(one["lost"] for one in by["tier"]) == whole["lost"]
