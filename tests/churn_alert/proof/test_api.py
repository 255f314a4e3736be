"""Proof is answered in figures with intervals, reckoned here once more from the raw rows, and narrowed by who asks."""

from collections.abc import Sequence
from statistics import median

import httpx
import numpy as np
import pytest
from scipy.stats import binomtest, mannwhitneyu

from tests.churn_alert.proof.books import random_book, write
from tests.churn_alert.proof.conftest import Judge
from tests.support.delivering import Delivering

pytestmark = pytest.mark.usefixtures("lived")
WITHOUT_LOT = "UPDATE alerts SET arm = NULL, experiment = NULL"


def wilson(hits: int, of: int) -> tuple[float, float, float]:
    found = binomtest(hits, of).proportion_ci(0.95, method="wilson")
    return hits / of, found.low, found.high


def rate(shown: dict[str, float]) -> tuple[float, float, float]:
    return shown["value"], shown["low"], shown["high"]


def auc(scores: Sequence[float], gone: Sequence[bool]) -> float:
    ones = [score for score, is_gone in zip(scores, gone, strict=True) if is_gone]
    others = [score for score, is_gone in zip(scores, gone, strict=True) if not is_gone]
    return float(mannwhitneyu(ones, others).statistic) / (len(ones) * len(others))


async def test_what_a_warning_is_worth_is_reckoned_on_the_held_out_alone(
    service: Delivering, analyst: httpx.AsyncClient
) -> None:
    """By all alerts, as it once was, the better the treatment the more warnings would look false."""
    rows = random_book(600, seed=1, helps=0.3)
    await service.rows_written(WITHOUT_LOT)
    await write(service, rows)
    found = (await analyst.get("/proof")).json()
    out = [one for one in rows if one.arm == "held-out"]
    judged = [one for one in out if one.is_judged]
    right = [one for one in judged if one.lead is not None]
    shown = found["held_out"]
    assert (shown["alerts"], shown["judged"], shown["right"]) == (len(out), len(judged), len(right))
    assert rate(shown["precision"]) == pytest.approx(wilson(len(right), len(judged)), abs=1e-6)
    in_time = sum((one.lead or 0) > 0 for one in right)
    assert rate(shown["in_time"]) == pytest.approx(wilson(in_time, len(judged)), abs=1e-6)
    assert shown["median_lead_days"] == median(one.lead or 0 for one in right)
    gone, said = [one.lead is not None for one in judged], [one.probability for one in judged]
    assert shown["auc"] == pytest.approx(auc(said, gone))
    assert shown["recency_auc"] == pytest.approx(auc([one.silent or 0 for one in judged], gone))
    assert shown["said"] == pytest.approx(np.mean(said))
    assert shown["brier"] == pytest.approx(np.mean([(p - g) ** 2 for p, g in zip(said, gone, strict=True)]))

    treated = [one for one in rows if one.arm == "treated" and one.is_judged]
    naive = sum(one.lead is not None for one in [*judged, *treated]) / len([*judged, *treated])
    assert naive < shown["precision"]["low"], "who was kept would count as a false alarm"
    gone_of_treated = wilson(sum(one.lead is not None for one in treated), len(treated))
    assert rate(found["treated"]["gone"]) == pytest.approx(gone_of_treated, abs=1e-6)
    assert found["without_lot"]["alerts"] == 3

    for tier in ("high", "middle", "low"):
        (group,) = [one for one in found["by"]["tier"] if one["group"] == tier]
        those = [one for one in judged if one.tier == tier]
        assert (group["judged"], group["right"]) == (len(those), sum(one.lead is not None for one in those))
    assert {one["group"] for one in found["by"]["segment"]} == {"unknown"}
    top = sorted(judged, key=lambda one: -one.probability)[: round(0.1 * len(judged))]
    lift = next(one for one in found["lifts"] if one["share"] == 0.1)
    if len({one.probability for one in judged}) == len(judged):
        base = len(right) / len(judged)
        assert lift["lift"]["value"] == pytest.approx(sum(one.lead is not None for one in top) / len(top) / base)
    assert sum(one["alerts"] for one in found["reliability"]) == len(judged)


async def test_the_time_to_the_first_act_counts_who_still_waits_as_waiting_longer(
    service: Delivering, analyst: httpx.AsyncClient
) -> None:
    rows = random_book(300, seed=2)
    await service.rows_written("UPDATE alerts SET arm = 'held-out'")
    await write(service, rows)
    shown = {one["group"]: one for one in (await analyst.get("/proof")).json()["time_to_act"]}
    for tier in ("high", "middle", "low"):
        those = [one for one in rows if one.tier == tier and one.arm == "treated"]
        assert (shown[tier]["alerts"], shown[tier]["acted"]) == (
            len(those),
            sum(one.acted_after is not None for one in those),
        )
        # Nobody stops waiting within 200 hours, so the median is that of all, whoever waits being last.
        waited = sorted(one.acted_after if one.acted_after is not None else float("inf") for one in those)
        half = waited[-(-len(waited) // 2) - 1]
        assert shown[tier]["median_hours"] == (None if half == float("inf") else half)
    assert shown[None]["alerts"] == sum(one.arm == "treated" for one in rows)
    assert shown[None]["p90_hours"] is None, "three in ten were never acted on"


async def test_a_period_is_of_whole_months_that_are_over(analyst: httpx.AsyncClient) -> None:
    nothing = await analyst.get("/proof", params={"opened_to": "2020-01-01T00:00:00+08:00"})
    assert nothing.json()["without_lot"]["alerts"] == 0
    for path in ("/proof", "/proof/interventions", "/proof/page"):
        for asked in ({"opened_from": "2025-03-01T00:00:01+08:00"}, {"opened_to": "2025-03-02T00:00:00+08:00"}):
            refused = await analyst.get(path, params=asked)
            ((name, _),) = asked.items()
            assert refused.status_code == 422
            assert f"`{name}` must be the first midnight of a month, such as 2025-03-01T00:00:00+08:00" in refused.text


async def test_nobody_is_judged_who_refuses_care_or_is_restricted(service: Delivering, judge: Judge) -> None:
    await service.rows_written(
        "UPDATE risks SET consent_refused = true WHERE customer_id = 'c-1'",
        "UPDATE risks SET is_restricted = true WHERE customer_id = 'c-2'",
        # c-3 is of the same person as a file that says no.
        "INSERT INTO merged_files VALUES ('c-3', 'c-1', 1), ('c-1', 'c-1', 1)",
    )
    await judge()
    assert await service.rows("SELECT * FROM alert_outcomes") == []
    await service.rows_written("UPDATE risks SET consent_refused = false, is_restricted = false")
    await judge()
    judged = await service.rows("SELECT customer_id FROM alert_outcomes JOIN alerts USING (alert_id)")
    assert {row.customer_id for row in judged} == {"c-1", "c-2", "c-3"}
