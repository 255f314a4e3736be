"""Crossings that were not true: events that come late or are booked back clear them, and erase none."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.clearing import clear
from churn_alert.risk.domain.crossing import Crossing, anchor_of, catch_up, decide
from rapport.events.bank import TransactionRecorded
from rapport.events.base import Event
from tests.churn_alert.lives import (
    DAY,
    HOUR,
    RULES,
    START,
    drawn,
    fold,
    heard,
    paid,
    steady,
    taken_back,
    used,
    when,
)
from tests.support.delivering import Delivering

ID = UUID("0199c7f1-90b8-8d5a-9f02-6b6a3c1d20aa")
MODEL = RULES.model


def raised_by_silence() -> tuple[Risk, Crossing]:
    risk = Risk("c-1")
    for event in steady("c-1", 200):
        fold(risk, event)
        decide(risk, RULES, when(event))
    crossing = catch_up(risk, RULES, START + 300 * DAY)
    assert crossing is not None
    risk.crossed.crossing_id = ID
    return risk, crossing


def hear_late(risk: Risk, events: list[Event], at: datetime) -> list[Crossing]:
    found = []
    for event in events:
        fold(risk, event)
        if risk.crossed and effective(event) < risk.crossed.at:
            fold(risk.crossed.state, event)
        found += [clear(risk, RULES, at), decide(risk, RULES, at)]
    return [one for one in found if one is not None]


def effective(event: Any) -> datetime:
    reverses = event.reverses if isinstance(event, TransactionRecorded) else None
    return reverses.occurred_at if reverses else when(event)


def test_what_a_silent_customer_did_meanwhile_clears_the_crossing_when_it_is_heard_late() -> None:
    risk, up = raised_by_silence()
    now = up.at + DAY
    (down,) = hear_late(risk, [paid("c-1", up.at - number * DAY) for number in range(1, 25)], now)
    assert (down.direction, down.clears, down.at) == ("down", ID, now)
    assert down.probability < down.threshold == MODEL.upper
    assert (risk.is_raised, risk.crossed) == (False, None)


def test_who_was_silent_all_the_same_stays_raised() -> None:
    risk, up = raised_by_silence()
    assert hear_late(risk, [used("c-1", START + 100 * DAY)], up.at + DAY) == []
    assert risk.is_raised


def test_what_a_customer_did_after_the_crossing_clears_nothing() -> None:
    risk, up = raised_by_silence()
    found = hear_late(risk, [paid("c-1", up.at + number * HOUR) for number in range(1, 40)], up.at + 8 * DAY)
    assert [one.clears for one in found] == [None]


def test_a_rest_that_the_cleared_crossing_would_have_begun_is_none() -> None:
    risk, up = raised_by_silence()
    now = up.at + DAY
    hear_late(risk, [paid("c-1", up.at - number * DAY) for number in range(1, 25)], now)
    assert risk.level_since is None
    again = catch_up(risk, RULES, now + 200 * DAY)
    assert again is not None and again.at < now + MODEL.rest


def test_a_crossing_by_another_version_of_the_model_stands() -> None:
    risk, up = raised_by_silence()
    newer = replace(RULES, model=replace(MODEL, version=MODEL.version + 1))
    for number in range(1, 25):
        late = paid("c-1", up.at - number * DAY)
        fold(risk, late)
        fold(risk.crossed.state, late)
    assert clear(risk, newer, up.at + DAY) is None


def first_crossing(risk: Risk, events: list[Event]) -> tuple[Crossing | None, list[Event]]:
    """The first crossing of a life, and what had been heard of it by then."""
    for number, event in enumerate(events):
        if up := catch_up(risk, RULES, when(event)):
            return up, events[:number]
        fold(risk, event)
        if up := decide(risk, RULES, when(event)):
            return up, events[: number + 1]
    return None, events


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 100_000))
def test_a_crossing_is_cleared_exactly_if_the_whole_past_heard_in_time_would_not_have_reached_the_threshold(
    seed: int,
) -> None:
    random = Random(seed)
    in_time, late = [], []
    for event in drawn(random, "c-1"):
        (late if random.random() < 0.15 else in_time).append(event)
    risk = Risk("c-1")
    up, known = first_crossing(risk, in_time)
    if up is None:
        return
    risk.crossed.crossing_id = ID
    before = [event for event in late if effective(event) < up.at]
    state = risk.crossed.state
    for event in before:
        fold(state, event)
    cleared = clear(risk, RULES, up.at + 400 * DAY)
    whole = Risk("c-1")
    for event in [*known, *before]:
        fold(whole, event)
    anchor = anchor_of(whole, RULES)
    assert anchor is not None
    distance = MODEL.log_odds(anchor, anchor.silence(up.at)) - MODEL.upper_log_odds
    if abs(distance) > 1e-6:
        assert (cleared is not None) == (distance < 0)


async def crossings_of(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get("/risks/c-1/crossings")).json()["items"]
    return items


async def deliver(service: Delivering, events: list[Event], *, at: datetime | None = None) -> None:
    """Each at its own time, or all of them at this one."""
    ordered = heard(events)
    await service.deliver(*[service.feed.record(one.event, time=at or one.at) for one in ordered])


async def test_a_cleared_crossing_stays_beside_the_one_that_clears_it_and_closes_its_alert(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    await deliver(service, [*steady("c-1", 150), paid("c-1", START + 200 * DAY)])
    (up,) = await crossings_of(api)
    (alert,) = (await api.get("/alerts")).json()["items"]
    assert alert["status"] == "opened"
    now = START + 201 * DAY
    first = datetime.fromisoformat(up["crossed_at"])
    await deliver(service, [paid("c-1", first - number * DAY) for number in range(1, 25)], at=now)
    down, kept = await crossings_of(api)
    assert (down["direction"], down["clears"], kept["cleared_by"]) == ("down", up["crossing_id"], down["crossing_id"])
    assert {name: cell for name, cell in kept.items() if name != "cleared_by"} == {
        name: cell for name, cell in up.items() if name != "cleared_by"
    }
    assert (await api.get("/alerts")).json()["items"][0]["status"] == "closed"
    told = await service.rows("SELECT value FROM outbox WHERE topic = 'risk-threshold-crossed' ORDER BY outbox_id")
    assert [json.loads(row.value)["clears"] for row in told] == [None, up["crossing_id"]]


async def test_a_payment_that_is_booked_back_clears_what_it_raised(api: httpx.AsyncClient, service: Delivering) -> None:
    gone = START + 150 * DAY
    big = paid("c-1", gone, "60000.00", kind="transfer-out", counterparty_class="other-bank", transaction_no="big")
    await deliver(service, [*steady("c-1", 149), big, paid("c-1", gone + 9 * DAY)])
    first = await crossings_of(api)
    assert [one["direction"] for one in first] == ["up"]
    await deliver(service, [taken_back(big, gone + 10 * DAY)])
    assert [one["direction"] for one in await crossings_of(api)] == ["down", "up"]
    assert (await crossings_of(api))[0]["clears"] == first[0]["crossing_id"]


async def test_a_fall_that_was_not_true_is_cleared_too(api: httpx.AsyncClient, service: Delivering) -> None:
    back = START + 215 * DAY
    returns = [paid("c-1", back + number * timedelta(hours=4), transaction_no=f"r-{number}") for number in range(80)]
    await deliver(service, [*steady("c-1", 150), *returns])
    down, up = await crossings_of(api)
    assert (down["direction"], up["direction"]) == ("down", "up")
    now = when(returns[-1]) + HOUR
    for one in returns:
        await deliver(service, [taken_back(one, now)])
    found = await crossings_of(api)
    falls = [one for one in found if one["direction"] == "down"]
    assert down["crossing_id"] in {one["crossing_id"] for one in falls}
    assert all(one["cleared_by"] for one in falls)
    assert (await api.get("/risks/c-1")).json()["level"] == "raised"


@pytest.mark.parametrize("column", ["probability", "threshold"])
async def test_a_crossing_with_a_number_that_is_none_cannot_be_kept(service: Delivering, column: str) -> None:
    await deliver(service, [*steady("c-1", 150), paid("c-1", START + 200 * DAY)])
    with pytest.raises(Exception, match="risk_crossings_finite"):
        await service.rows_written(f"UPDATE risk_crossings SET {column} = 'NaN'")
