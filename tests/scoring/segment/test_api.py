"""Segments over REST, beside a standing and as a list; and that no decision knows of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import event

from scoring.comparing import NEVER
from scoring.segment.api import SegmentModelView
from scoring.segment.domain.model import SegmentModels
from scoring.standing.views import StandingView
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, life, salary, told, transaction
from tests.scoring.replaying import outcome, replay
from tests.scoring.segment.banks import BY_HAND
from tests.scoring.segment.keeping import keep_model
from tests.support.delivering import Delivering
from tests.support.serving import Start
from tests.support.tokens import TestIssuer

OTHER_NAMES = replace(
    BY_HAND, segments=tuple(replace(one, name=f"other-{one.name}", name_zh="其他") for one in BY_HAND.segments)
)


def ten_seconds_later(service: Delivering) -> None:
    """As if the last look at what is stored were long ago."""
    models: SegmentModels = service.runtime.composition.state["segments"]
    models.compared_at = NEVER


@contextmanager
def statements(service: Delivering) -> Iterator[list[str]]:
    """Those about models of segments that are executed meanwhile."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "segment_models" in statement:
            seen.append(statement)

    engine = service.runtime.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def test_a_standing_shows_the_segment_of_the_moment(service: Delivering, api: httpx.AsyncClient) -> None:
    now = datetime.now(UTC)
    await deliver(service, salary(now - 60 * DAY, amount="700000.00"), *[transaction(now - n * DAY) for n in range(40)])
    assert (await api.get("/standings/c-1")).json()["segment"] is None
    await keep_model(service.runtime.engine, BY_HAND)
    ten_seconds_later(service)
    shown = (await api.get("/standings/c-1")).json()
    StandingView.model_validate(shown)
    assert shown["segment"] == {"name": "savers", "name_zh": "储蓄型", "model_version": 1}
    await deliver(service, transaction(MONDAY, "c-2"))
    assert (await api.get("/standings/c-2")).json()["segment"]["name"] == "quiet"


async def test_a_new_model_is_taken_up_without_a_restart_and_looked_for_once_in_ten_seconds(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await deliver(service, transaction(MONDAY))
    await keep_model(service.runtime.engine, BY_HAND)
    ten_seconds_later(service)
    with statements(service) as seen:
        names = [(await api.get("/standings/c-1")).json()["segment"]["name"] for _ in range(4)]
    assert (names, len(seen)) == (["quiet"] * 4, 1)
    await keep_model(service.runtime.engine, OTHER_NAMES)
    ten_seconds_later(service)
    assert (await api.get("/standings/c-1")).json()["segment"]["name"] == "other-quiet"


async def test_segments_are_listed_from_the_latest_with_their_customers_and_figures(
    service: Delivering, app: FastAPI, api: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    assert (await api.get("/segments")).json() == {"items": [], "next": None}
    kept = [await keep_model(service.runtime.engine, one) for one in (BY_HAND, OTHER_NAMES, BY_HAND)]
    first = (await api.get("/segments", params={"limit": 2})).json()
    rest = (await api.get("/segments", params={"limit": 2, "cursor": first["next"]})).json()
    items = first["items"] + rest["items"]
    assert [item["version"] for item in items] == [3, 2, 1]
    assert SegmentModelView.model_validate(items[0]) == SegmentModelView.of(kept[2])
    assert [item["share"] for item in items[0]["segments"]] == [0.6, 0.25, 0.15]
    savers = items[0]["segments"][1]
    assert (savers["name"], savers["customers"], savers["loans"]) == ("savers", 250, 0.0)
    assert 340_000 < savers["average_balance"] < 350_000  # exp(9 + 2.5 * 1.5) - 1
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://scoring") as client:
        assert (await client.get("/segments")).status_code == 401
        assert (await client.get("/segments", headers=issuer.bearer("operator"))).status_code == 403


async def test_points_tiers_and_what_is_told_are_the_same_with_and_without_segments(running: Start) -> None:
    history = life(seed=12, customers=6, days=120)
    found = []
    for models in ([], [BY_HAND], [BY_HAND, OTHER_NAMES]):
        service = await running("stream")
        for one in models:
            await keep_model(service.runtime.engine, one)
        await replay(service, history, until=MONDAY + 200 * DAY, size=50, sweeps=True)
        found.append((await outcome(service), await told(service)))
    assert found[0] == found[1] == found[2]
    assert found[0][0]["decisions"]


async def test_holdings_alone_make_a_segment_too(service: Delivering, api: httpx.AsyncClient) -> None:
    await keep_model(service.runtime.engine, BY_HAND)
    ten_seconds_later(service)
    await deliver(service, holdings(1, "200000.00", at=MONDAY))
    assert (await api.get("/standings/c-1")).json()["segment"]["name"] == "quiet"


def test_examples_are_answers_that_could_be_given() -> None:
    (example,) = SegmentModelView.model_json_schema()["examples"]
    SegmentModelView.model_validate(example)
