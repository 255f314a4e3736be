"""Standings over REST: what is shown, to whom, page by page."""

from datetime import UTC, datetime, timedelta
from math import log
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rapport.serving import api_of
from scoring.standing.history import DecisionView
from scoring.standing.views import StandingView
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, life, salary, standing, transaction
from tests.scoring.rules import PUBLISHED
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


async def test_a_standing_shows_tier_points_evidence_and_reasons(service: Delivering, api: httpx.AsyncClient) -> None:
    now = datetime.now(UTC)
    await deliver(
        service,
        salary(now - 3 * DAY, balance_after="112000.00"),
        transaction(now - 2 * DAY, balance_after="111900.00"),
        transaction(now - DAY, currency="USD"),
    )
    answer = await api.get("/standings/c-1")
    assert answer.status_code == 200
    shown = answer.json()
    StandingView.model_validate(shown)
    row = await standing(service)
    assert (shown["tier"], shown["revision"], shown["scorecard_version"]) == (row.tier, 1, 1)
    assert (
        shown["points"]
        == sum(item["points"] for item in shown["evidence"])
        == sum(shown["points_by_dimension"].values())
    )
    evidence = {item["feature"]: item for item in shown["evidence"]}
    assert list(evidence) == [feature.name for feature in PUBLISHED.cards.cards[0].features]
    balance = evidence["average_balance"]
    assert float(balance["bin_from"]) <= float(balance["value"]) < float(balance["bin_below"])
    assert evidence["products"]["value"] == "0"
    short = max(shown["evidence"], key=lambda item: item["shortfall"])
    assert shown["reasons"][0].startswith(f"{short['words']} (")
    assert (shown["transactions"], shown["foreign_currency_transactions"], shown["currency"]) == (3, 1, "CNY")
    assert now <= datetime.fromisoformat(shown["as_of"]) <= datetime.now(UTC)
    assert (shown["lag"], shown["lag_known_at"] is not None) == (0, True)


async def test_an_explanation_says_why_and_what_would_reach_the_next_tier(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await deliver(service, salary(MONDAY, amount="300.00", balance_after="300.00"), transaction(MONDAY + DAY))
    answer = await api.get("/standings/c-1/explanation")
    assert answer.status_code == 200
    told = answer.json()
    row = await standing(service)
    card = PUBLISHED.cards.cards[0]
    assert (told["tier"], told["next_tier"]) == (row.tier, "middle") == ("low", "middle")
    assert told["missing_points"] == card.thresholds.starts[0] + card.thresholds.band - told["points"]
    assert sum(change["points"] for change in told["changes"]) >= told["missing_points"]
    for change in told["changes"]:
        assert change["words"]["en"] in told["texts"]["customer"]["en"]
        assert change["words"]["zh"] in told["texts"]["customer"]["zh"]
    (first,) = (await api.get("/standings/c-1/history?limit=1")).json()["items"]
    assert len(first["state_hash"]) == len(told["state_hash"]) == 32
    assert first["state_hash"] != told["state_hash"], "a posting came after the first decision"
    assert (told["revision"], told["cause_event_id"]) == (first["revision"], first["cause_event_id"])
    assert told["cause_event_id"] is not None
    assert sum(item["points"] for item in told["evidence"]) == told["points"]
    assert "您的客户等级首次评定为“标准”。" in first["texts"]["customer"]["zh"]


async def test_points_are_as_of_now_and_the_tier_as_last_decided(service: Delivering, api: httpx.AsyncClient) -> None:
    await deliver(service, salary(MONDAY, amount="5000000.00", balance_after="5000000.00"), transaction(MONDAY))
    shown = (await api.get("/standings/c-1")).json()
    evidence = {item["feature"]: item["value"] for item in shown["evidence"]}
    assert evidence["activity_week"] == "0.0000"
    assert float(evidence["turnover"]) < 5_000_000


async def test_in_stream_time_a_standing_is_as_of_the_position_of_its_partition(
    replaying: Delivering, issuer: TestIssuer
) -> None:
    await deliver(replaying, transaction(MONDAY), transaction(MONDAY + 3 * DAY))
    transport = httpx.ASGITransport(api_of(replaying.runtime))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://scoring", headers=issuer.bearer("auditor")
    ) as api:
        shown = (await api.get("/standings/c-1")).json()
    assert datetime.fromisoformat(shown["as_of"]) == MONDAY + 3 * DAY
    (turnover,) = [item["value"] for item in shown["evidence"] if item["feature"] == "turnover"]
    assert float(turnover) == pytest.approx(30 * log(2) / 90 * (100 + 100 * 2 ** (-3 / 90)), abs=0.01)


async def test_lag_counts_what_the_customers_partition_still_has_to_handle(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await deliver(service, transaction(MONDAY))
    partition = (await standing(service)).partition
    await service.rows_written(
        "UPDATE consumer_offsets SET log_end_offset = next_offset + 100",
        f"UPDATE consumer_offsets SET log_end_offset = next_offset + 7 WHERE partition = {partition}",
        "UPDATE consumer_offsets SET log_end_offset = 0 "
        f"WHERE partition = {partition} AND topic <> 'transaction-recorded'",
    )
    assert (await api.get("/standings/c-1")).json()["lag"] == 7


async def test_an_unknown_customer_is_404_and_a_malformed_token_of_one_422(api: httpx.AsyncClient) -> None:
    for path in ("/standings/c-9", "/standings/c-9/history", "/standings/c-9/explanation"):
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["title"]) == (404, "No such standing")
        assert answer.headers["content-type"] == "application/problem+json"
    answer = await api.get("/standings/" + "x" * 65)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "customer_id")


@pytest.mark.parametrize(
    "path",
    [
        "/standings",
        "/standings/c-1",
        "/standings/c-1/history",
        "/standings/c-1/explanation",
        "/scorecards",
        "/scorecards/1",
    ],
)
async def test_without_a_token_nothing_is_shown_and_without_the_scope_nothing_either(
    app: FastAPI, issuer: TestIssuer, path: str
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://scoring") as client:
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=issuer.bearer("operator"))).status_code == 403
        assert (await client.get(path, headers=issuer.bearer("auditor"))).status_code in {200, 404}


async def pages(api: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """All items, page by page."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.get(path, params=query | cursor)).json()
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}


async def test_lists_go_through_all_customers_of_a_tier_in_pages(service: Delivering, api: httpx.AsyncClient) -> None:
    await deliver(
        service, *[fact for fact in life(seed=8, customers=9, days=40) if fact.name == "transaction-recorded"]
    )
    await deliver(service, *[holdings(9, "9000000.00", customer_id=f"c-{n}") for n in range(3)])
    everybody = await pages(api, "/standings", limit=4)
    ids = [item["customer_id"] for item in everybody]
    assert ids == sorted(ids)
    assert len(ids) == 9
    by_tier = {tier: await pages(api, "/standings", tier=tier, limit=2) for tier in ("high", "middle", "low")}
    assert all(item["tier"] == tier for tier, items in by_tier.items() for item in items)
    assert sorted(item["customer_id"] for items in by_tier.values() for item in items) == ids


async def test_a_list_refuses_what_it_does_not_know(api: httpx.AsyncClient) -> None:
    for query, field in (({"tier": "gold"}, "tier"), ({"limit": "201"}, "limit"), ({"cursor": "!"}, "cursor")):
        answer = await api.get("/standings", params=query)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_decisions_are_listed_from_the_latest_with_both_times(replaying: Delivering, issuer: TestIssuer) -> None:
    await deliver(replaying, transaction(MONDAY))
    await deliver(replaying, holdings(1, "9000000.00", "20000.00", "20000.00", at=MONDAY + DAY))
    await deliver(replaying, salary(MONDAY + 2 * DAY, amount="900000.00", balance_after="900000.00"))
    transport = httpx.ASGITransport(api_of(replaying.runtime))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://scoring", headers=issuer.bearer("auditor")
    ) as api:
        found = await pages(api, "/standings/c-1/history", limit=1)
    assert [decision["revision"] for decision in found] == list(range(len(found), 0, -1))
    assert len(found) >= 2
    for decision in found:
        DecisionView.model_validate(decision)
        assert datetime.fromisoformat(decision["known_at"]) - datetime.fromisoformat(
            decision["decided_at"]
        ) > timedelta(30)
    assert (found[-1]["old_tier"], found[-1]["tier"]) == (None, "low")
    assert "rose from low" in found[-2]["explanation"]
    said = found[-2]["texts"]
    assert (
        "changed from Standard to" in said["customer"]["en"] and "您的客户等级由“标准”调整为" in said["customer"]["zh"]
    )
    assert f"{found[-2]['points']} points by scorecard 1" in said["staff"]["en"]


async def test_a_decision_whose_values_or_version_are_not_here_is_listed_and_says_so(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await deliver(service, transaction(MONDAY))
    for change, said in (("values = NULL", "were not kept"), ("scorecard_version = 99", "99 is not known here")):
        await service.rows_written(f"UPDATE decisions SET {change}")
        (first,) = (await api.get("/standings/c-1/history")).json()["items"]
        assert said in first["texts"]["staff"]["en"]
        assert "无法详述" in first["texts"]["customer"]["zh"]
