"""Alerts over REST: who is drifting away and why, taken up once, closed once, and never two open for one customer."""

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, RULES
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

NOBODY = "/alerts/0195515f-5a00-8a3b-9c41-7d1c6f0a2b93"
LOST = {"outcome": "lost"}


async def told(service: Delivering) -> list[dict[str, Any]]:
    """What other services hear of alerts, in their order, but that one was escalated, which silence alone brings."""
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'churn-alert-changed' ORDER BY outbox_id")
    return [fact for row in rows if (fact := json.loads(row.value))["step"] != "escalated"]


async def test_a_silent_customers_alert_tells_why_in_words_and_figures(api: httpx.AsyncClient, alert: str) -> None:
    shown = (await api.get(alert)).json()
    assert (shown["customer_id"], shown["status"], shown["cause"], shown["outcome"]) == (
        "c-1",
        "opened",
        "silence",
        None,
    )
    assert shown["probability"] == pytest.approx(shown["threshold"], abs=1e-3)
    assert "reached by silence alone" in shown["explanation"]
    assert "days without activity" in shown["explanation"]
    week = next(one for one in shown["indicators"] if one["name"] == "activity-week")
    assert week["value"] < week["normal_low"]
    assert not week["is_normal"]
    step = shown["history"][0]
    assert (step["step"], step["happened_at"], step["done_by"]) == ("opened", shown["opened_at"], None)
    assert SILENT_FROM < datetime.fromisoformat(shown["opened_at"]) < SILENT_FROM + 60 * DAY


async def test_an_alert_is_taken_up_and_closed_and_each_step_is_told(
    api: httpx.AsyncClient, service: Delivering, alert: str
) -> None:
    taken = await api.post(f"{alert}/acknowledgement")
    assert (taken.status_code, taken.json()["status"], taken.json()["acknowledged_by"]) == (
        201,
        "acknowledged",
        "employee-1",
    )
    closed = await api.post(f"{alert}/closure", json=LOST)
    assert (closed.status_code, closed.json()["status"], closed.json()["outcome"]) == (201, "closed", "lost")
    steps = [step for step in (await api.get(alert)).json()["history"] if step["step"] != "escalated"]
    assert [(step["step"], step["done_by"], step["outcome"]) for step in steps] == [
        ("opened", None, None),
        ("acknowledged", "employee-1", None),
        ("closed", "employee-1", "lost"),
    ]
    facts = await told(service)
    assert [(fact["status"], fact["outcome"]) for fact in facts] == [
        ("opened", None),
        ("acknowledged", None),
        ("closed", "lost"),
    ]


async def test_what_the_state_forbids_is_409_and_changes_nothing(
    api: httpx.AsyncClient, service: Delivering, alert: str
) -> None:
    assert (await api.post(f"{alert}/acknowledgement")).status_code == 201
    again = await api.post(f"{alert}/acknowledgement")
    assert (again.status_code, again.json()["title"]) == (409, "The alert is acknowledged already")
    assert (await api.post(f"{alert}/closure", json=LOST)).status_code == 201
    for path, body in (("closure", LOST), ("acknowledgement", None)):
        refused = await api.post(f"{alert}/{path}", json=body)
        assert (refused.status_code, refused.json()["title"]) == (409, "The alert is closed")
    assert len(await told(service)) == 3


async def test_a_repeated_closure_under_one_key_has_one_effect(
    api: httpx.AsyncClient, service: Delivering, alert: str
) -> None:
    headers = {"Idempotency-Key": "close-1"}
    first = await api.post(f"{alert}/closure", json=LOST, headers=headers)
    second = await api.post(f"{alert}/closure", json=LOST, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(await told(service)) == 2
    other = await api.post(f"{alert}/closure", json={"outcome": "retained"}, headers=headers)
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "", None), ("POST", "/acknowledgement", None), ("POST", "/closure", LOST)],
)
async def test_an_unknown_alert_is_404(api: httpx.AsyncClient, method: str, path: str, body: Any) -> None:
    answer = await api.request(method, f"{NOBODY}{path}", json=body)
    assert (answer.status_code, answer.json()["title"]) == (404, "No such alert")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "outcome"), ({"outcome": "recovered"}, "outcome"), ({**LOST, "note": "Mrs Wang called"}, "note")],
)
async def test_a_malformed_closure_names_the_field_at_fault(
    api: httpx.AsyncClient, alert: str, body: dict[str, str], field: str
) -> None:
    answer = await api.post(f"{alert}/closure", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert "Wang" not in answer.text


async def test_a_body_too_large_is_413(api: httpx.AsyncClient, alert: str) -> None:
    answer = await api.post(f"{alert}/closure", json={"outcome": "x" * 2_000_000})
    assert answer.status_code == 413


async def test_only_those_who_look_after_customers_may_change_an_alert(
    api: httpx.AsyncClient, issuer: TestIssuer, alert: str
) -> None:
    assert (await api.get(alert, headers={"Authorization": ""})).status_code == 401
    assert (await api.get(alert, headers=issuer.bearer("auditor"))).status_code == 200
    for role in ("auditor", "compliance", "support"):
        answer = await api.post(f"{alert}/closure", json=LOST, headers=issuer.bearer(role))
        assert answer.status_code == 403
    assert (await api.get("/alerts", headers=issuer.bearer("support"))).status_code == 403


async def test_an_open_alert_closes_by_itself_when_the_customer_comes_back(
    api: httpx.AsyncClient, service: Delivering, live: Live
) -> None:
    back = SILENT_FROM + 45 * DAY
    await live("c-1", until=back + 40 * DAY, back_from=back)
    (found,) = (await api.get("/alerts")).json()["items"]
    assert (found["status"], found["outcome"], found["closed_by"]) == ("closed", "recovered", None)
    assert [fact["status"] for fact in await told(service)] == ["opened", "closed"]


async def test_a_customer_has_one_open_alert_while_silent_and_none_anew_after_a_closure(
    api: httpx.AsyncClient, service: Delivering, live: Live, alert: str
) -> None:
    await api.post(f"{alert}/closure", json={"outcome": "false-alarm"})
    await service.deliver(*later(service, 200))
    assert len((await api.get("/alerts")).json()["items"]) == 1


async def test_a_customer_said_to_be_retained_who_stays_silent_is_reported_again_after_the_rest(
    api: httpx.AsyncClient, service: Delivering, alert: str
) -> None:
    closed = (await api.post(f"{alert}/closure", json={"outcome": "retained"})).json()
    await service.deliver(*later(service, 20))
    assert len((await api.get("/alerts")).json()["items"]) == 1
    await service.deliver(*later(service, 40))
    newest, _ = (await api.get("/alerts")).json()["items"]
    since = datetime.fromisoformat(newest["opened_at"]) - datetime.fromisoformat(closed["closed_at"])
    assert newest["status"] == "opened"
    assert RULES.model.rest <= since < RULES.model.rest + timedelta(days=1)


def later(service: Delivering, days: int) -> list[Any]:
    """The bank goes on; c-1 does nothing, but the salary comes."""
    from tests.churn_alert.lives import salary

    at = SILENT_FROM + 70 * DAY + days * DAY
    return [service.feed.record(salary("c-1", at), time=at)]


async def test_alerts_are_listed_by_page_and_by_every_filter(api: httpx.AsyncClient, live: Live) -> None:
    customers = ["c-1", "c-2", "c-3"]
    for customer in customers:
        await live(customer, until=SILENT_FROM + 70 * DAY)
    everything = (await api.get("/alerts")).json()["items"]
    assert sorted(one["customer_id"] for one in everything) == customers
    walked: list[str] = []
    cursor: str | None = None
    while True:
        asked = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/alerts", params=asked)).json()
        walked += [one["alert_id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert walked == [one["alert_id"] for one in everything]
    await api.post(f"/alerts/{walked[0]}/acknowledgement")

    async def count(**asked: str) -> int:
        return len((await api.get("/alerts", params=asked)).json()["items"])

    opened_at = everything[0]["opened_at"]
    assert await count(status="opened") == 2
    assert await count(status="acknowledged") == 1
    assert await count(customer_id="c-2") == 1
    assert sum([await count(severity=severity) for severity in ("low", "medium", "high")]) == 3
    assert await count(opened_from=opened_at) == 3
    assert await count(opened_to=opened_at) == 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"status": "snoozed"}, "status"),
        ({"opened_from": "2025-10-09T00:00:00"}, "opened_from"),
        ({"opened_to": "0001-01-01T00:00:00+14:00"}, "opened_to"),
        ({"limit": "201"}, "limit"),
        ({"cursor": "bm90LW91cnM"}, "cursor"),
        ({"cursor": "WyJub3QtYS1kYXRlIiwgIngiXQ"}, "cursor"),
        ({"customer_id": "张三"}, "customer_id"),
    ],
)
async def test_a_malformed_filter_is_named(api: httpx.AsyncClient, asked: dict[str, str], field: str) -> None:
    answer = await api.get("/alerts", params=asked)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
