"""Risks over REST: what is known of a customer's risk now, who is at risk, and when that was decided."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.churn_alert.lives import BANK, DAY, HOUR, RULES, START, complained, heard, paid, steady, used
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


async def lead(service: Delivering, customer_id: str, days: int, **fields: Any) -> None:
    """A steady life of so many days."""
    events = [*steady(customer_id, days), *fields.get("also", [])]
    await service.deliver(*[service.feed.record(one.event, time=one.at) for one in heard(events)])


async def test_a_risk_is_shown_with_each_measure_its_normal_range_and_when_silence_would_raise_it(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    at = START + 150 * DAY + 2 * HOUR
    await lead(service, "c-1", 150)
    await service.deliver(
        service.feed.record(used("c-1", at), time=at), service.feed.record(complained("c-1", at), time=at)
    )
    shown = (await api.get("/risks/c-1")).json()
    assert (shown["level"], shown["currency"], shown["model_version"]) == ("normal", BANK.currency, RULES.model.version)
    assert 0 < shown["probability"] < shown["lower_threshold"] < shown["upper_threshold"]
    assert (shown["own_transactions"], shown["channel_uses"], shown["negative_feedbacks"]) == (150, 1, 1)
    raised_at = datetime.fromisoformat(shown["silence_raises_at"])
    assert START + 155 * DAY < raised_at < START + 190 * DAY
    assert at < datetime.fromisoformat(shown["due_at"]) <= raised_at
    assert datetime.fromisoformat(shown["as_of"]) == at
    assert {"activity-week", "inflow-month", "days-without-activity"} <= {one["name"] for one in shown["indicators"]}
    assert (shown["lag"], shown["history_days"]) == (0, pytest.approx(150 + 2 / 24, abs=0.01))


async def test_a_young_customer_has_no_probability_but_a_level_that_says_so(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    await lead(service, "c-1", 20)
    shown = (await api.get("/risks/c-1")).json()
    assert (shown["level"], shown["probability"]) == ("not-enough-history", None)
    (listed,) = (await api.get("/risks")).json()["items"]
    assert (listed["level"], listed["probability"]) == ("not-enough-history", None)


async def test_the_crossings_of_a_customer_are_listed_the_latest_first(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    back = [paid("c-1", START + 220 * DAY + number * DAY / 3) for number in range(90)]
    await lead(service, "c-1", 150, also=back)
    first = (await api.get("/risks/c-1/crossings", params={"limit": 1})).json()
    assert [(one["direction"], one["cause"]) for one in first["items"]] == [("down", "event")]
    second = (await api.get("/risks/c-1/crossings", params={"cursor": first["next"]})).json()
    assert [(one["direction"], one["cause"]) for one in second["items"]] == [("up", "silence")]
    names = [one["name"] for one in second["items"][0]["indicators"]]
    assert names[:4] == ["transactions", "account-activity", "service-feedback", "product-use"]
    assert "activity-week" in names
    assert second["next"] is None


async def test_risks_are_listed_by_level_by_probability_and_by_page(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    for number in range(3):
        await lead(service, f"c-{number}", 100)
    late = START + 200 * DAY
    await service.deliver(service.feed.record(complained("c-1", late), time=late))
    await service.deliver(service.feed.record(paid("c-1", late), time=late))

    async def listed(**asked: Any) -> list[str]:
        return [one["customer_id"] for one in (await api.get("/risks", params=asked)).json()["items"]]

    assert await listed() == ["c-0", "c-1", "c-2"]
    assert await listed(raised="true") == ["c-1"]
    assert await listed(raised="false") == ["c-0", "c-2"]
    assert await listed(above=0.5) == ["c-1"]
    first = (await api.get("/risks", params={"limit": 2})).json()
    assert await listed(cursor=first["next"]) == ["c-2"]


@pytest.mark.parametrize("path", ["/risks/nobody", "/risks/nobody/crossings"])
async def test_an_unknown_customer_is_404(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.json()["title"]) == (404, "No such risk")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/risks?above=2", "above"),
        ("/risks?limit=0", "limit"),
        ("/risks/c%20d", "customer_id"),
        ("/risks/c-1/crossings?cursor=WyIyMDI1LTAxLTAxIiwgIngiXQ", "cursor"),
    ],
)
async def test_a_malformed_request_names_the_field_at_fault(api: httpx.AsyncClient, path: str, field: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_risks_are_read_only_by_those_who_may(api: httpx.AsyncClient, issuer: TestIssuer) -> None:
    for path in ("/risks", "/risks/c-1", "/risks/c-1/crossings", "/risk-model"):
        assert (await api.get(path, headers={"Authorization": ""})).status_code == 401
        assert (await api.get(path, headers=issuer.bearer("support"))).status_code == 403


async def test_the_model_is_shown_with_its_card(api: httpx.AsyncClient, issuer: TestIssuer) -> None:
    shown = (await api.get("/risk-model", headers=issuer.bearer("risk_manager"))).json()
    assert shown["version"] == RULES.model.version
    assert {"fitted_on", "judged_on", "not_for", "reproduced_by"} <= set(shown["card"])
