"""Lifetime values over REST and in decisions: shown with their calibration, taken up without a restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import event

from scoring.comparing import NEVER
from scoring.lifetime_value.api import LifetimeModelView
from scoring.standing.domain.rules import Rules
from scoring.standing.store.book import activities
from scoring.standing.views import StandingView
from tests.scoring.facts import DAY, MONDAY, deliver, salary, transaction
from tests.scoring.lifetime_value.banks import FITTED
from tests.scoring.lifetime_value.keeping import keep_model
from tests.scoring.rules import BANK
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


def rules_of(service: Delivering) -> Rules:
    found: Rules = service.runtime.composition.state["rules"]
    return found


def ten_seconds_later(service: Delivering) -> None:
    """As if the last look at what is stored were long ago."""
    rules_of(service).models.compared_at = NEVER


@contextmanager
def statements(service: Delivering) -> Iterator[list[str]]:
    """Those about lifetime models that are executed meanwhile."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "lifetime_models" in statement:
            seen.append(statement)

    engine = service.runtime.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def test_a_standing_shows_its_value_in_money_with_the_calibration_in_it(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    now = datetime.now(UTC)
    await deliver(service, *[transaction(now - days * DAY, amount="250.50") for days in (90, 60, 31, 2)])
    assert (await api.get("/standings/c-1")).json()["lifetime_value"] is None
    await keep_model(service.runtime.engine)
    ten_seconds_later(service)
    shown = (await api.get("/standings/c-1")).json()
    StandingView.model_validate(shown)
    value = shown["lifetime_value"]
    assert {**value, "amount": None} == {
        "amount": None,
        "months": 12,
        "calibration": 0.97,
        "standard_error": 0.01,
        "model_version": 1,
    }
    assert value["amount"] == await recomputed(service, datetime.fromisoformat(shown["as_of"]))


async def recomputed(service: Delivering, at: datetime) -> str:
    """From the row itself, by the model alone."""
    async with service.runtime.engine.connect() as connection:
        ((_, activity),) = await activities(connection, after="", limit=10)
    assert activity is not None
    assert (activity.days.days, activity.minor) == (4, 4 * 25_050)
    minor = FITTED.value_of(activity.days, activity.minor, at, BANK.zone)
    assert minor is not None and minor > 0
    return f"{minor / 100:.2f}"


async def test_who_never_acted_has_no_value(service: Delivering, api: httpx.AsyncClient) -> None:
    await keep_model(service.runtime.engine)
    await deliver(service, salary(MONDAY))
    assert (await api.get("/standings/c-1")).json()["lifetime_value"] is None


async def test_a_new_model_is_taken_up_without_a_restart_and_looked_for_once_in_ten_seconds(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await deliver(service, transaction(MONDAY))
    await keep_model(service.runtime.engine)
    ten_seconds_later(service)
    with statements(service) as seen:
        versions = [(await api.get("/standings/c-1")).json()["lifetime_value"]["model_version"] for _ in range(4)]
        await deliver(service, transaction(MONDAY + DAY))
    assert (versions, len(seen)) == ([1, 1, 1, 1], 1)
    await keep_model(service.runtime.engine, calibration=1.94)
    ten_seconds_later(service)
    await deliver(service, transaction(MONDAY + 2 * DAY))
    latest = rules_of(service).models.latest
    assert latest is not None and latest.version == 2
    assert (await api.get("/standings/c-1")).json()["lifetime_value"]["calibration"] == 1.94


async def test_models_are_listed_from_the_latest_with_all_their_figures(
    service: Delivering, app: FastAPI, api: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    assert (await api.get("/lifetime-models")).json() == {"items": [], "next": None}
    kept = [await keep_model(service.runtime.engine, calibration=factor) for factor in (0.9, 1.0, 1.1)]
    first = (await api.get("/lifetime-models", params={"limit": 2})).json()
    rest = (await api.get("/lifetime-models", params={"limit": 2, "cursor": first["next"]})).json()
    items = first["items"] + rest["items"]
    assert [item["version"] for item in items] == [3, 2, 1]
    assert [item["hold_out"]["calibration"] for item in items] == [1.1, 1.0, 0.9]
    assert LifetimeModelView.model_validate(items[0]) == LifetimeModelView.of(kept[2])
    assert items[0]["activity"] == {
        "r": 1.5,
        "alpha": 12.0,
        "a": 1.0,
        "b": 30.0,
        "a_is_held": True,
        "b_is_held": False,
        "log_likelihood": -1.0,
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://scoring") as client:
        assert (await client.get("/lifetime-models")).status_code == 401
        assert (await client.get("/lifetime-models", headers=issuer.bearer("operator"))).status_code == 403


def test_examples_are_answers_that_could_be_given() -> None:
    (example,) = LifetimeModelView.model_json_schema()["examples"]
    LifetimeModelView.model_validate(example)
