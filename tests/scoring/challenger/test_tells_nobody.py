"""The shadow never tells an event: with a challenger and without, everything that leaves or decides is the same."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.composition import Runtime
from rapport.events.bank import HoldingChanged, TransactionRecorded
from rapport.events.base import Event
from rapport.messaging.observer import Observer
from rapport.settings import ServiceSettings
from scoring.challenger.handlers.following import Shadows, follow
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import decide
from scoring.standing.handlers import on_bank_facts
from tests.scoring.challenger.ring import CHALLENGER, alone, bring, count, enter, shadows
from tests.scoring.facts import DAY, MONDAY, holdings, life, salary, transaction
from tests.scoring.replaying import outcome, replay
from tests.support.delivering import Delivering
from tests.support.serving import SUBJECTS, Start

Pair = tuple[Delivering, Delivering]
STREAM = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 9 * 24), st.sampled_from(["in", "out", "held"]), st.integers(1, 60_000)
    ),
    min_size=1,
    max_size=40,
)


@pytest.fixture
async def pair(running: Start, cards: Any, people: Any) -> Pair:
    """Two banks with the same champion; in the second a challenger looks on."""
    plain, watched = [await running("stream", scorecards=cards) for _ in range(2)]
    await enter(await people(watched))
    return plain, watched


def facts_of(steps: Sequence[tuple[int, int, str, int]], name: str, begins: datetime) -> list[Event]:
    """The stream in order of time; its customers are its own."""
    at, facts = begins, list[Event]()
    for number, (customer, hours, kind, amount) in enumerate(steps, start=1):
        at += timedelta(hours=hours, seconds=1)
        customer_id, money = f"{name}-{customer}", f"{amount}.00"
        if kind == "held":
            facts.append(holdings(number, money, customer_id=customer_id, at=at))
        elif kind == "in":
            facts.append(salary(at, customer_id, money))
        else:
            facts.append(transaction(at, customer_id, amount=money))
    return facts


class Clock:
    """Each example goes on where the last one ended, from long ago on: streams run neither backwards nor ahead."""

    at, facts, examples = MONDAY.replace(year=1991), 0, 0


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STREAM, size=st.integers(1, 40), sweeps=st.booleans())
async def test_whatever_happens_to_customers_nothing_that_is_told_decided_or_kept_of_them_differs(
    pair: Pair, steps: Sequence[tuple[int, int, str, int]], size: int, *, sweeps: bool
) -> None:
    Clock.examples += 1
    facts = facts_of(steps, f"x{Clock.examples}", Clock.at)
    Clock.at += timedelta(hours=sum(hours for _, hours, _, _ in steps)) + 20 * DAY
    for service in pair:
        await replay(service, facts, until=Clock.at, size=size, sweeps=sweeps, first=Clock.facts)
    Clock.facts += len(facts)
    plain, watched = pair
    await bring(watched)
    assert await outcome(plain) == await outcome(watched)
    assert await plain.counts() == await watched.counts()
    assert len(await shadows(watched)) == len((await outcome(watched))["standings"]) > 0
    assert await shadows(plain) == []


@pytest.fixture(scope="module")
def history() -> list[Event]:
    return life(seed=5, customers=16, days=150)


async def test_a_whole_life_with_a_challenger_that_thinks_otherwise_leaves_the_same_trace(
    pair: Pair, history: list[Event]
) -> None:
    for service in pair:
        await replay(service, history, until=MONDAY + 220 * DAY, size=60, sweeps=True)
        await bring(service)
        await count(service)
    plain, watched = pair
    assert await outcome(plain) == await outcome(watched)
    assert len((await outcome(watched))["told"]) > 20
    tiers = {row["customer_id"]: row["tier"] for row in (await outcome(watched))["standings"]}
    other = [one for one in await shadows(watched) if one["tier"] != tiers[one["customer_id"]]]
    assert other, "a challenger that always agrees could tell nothing anyway"


class Meddling:
    """A broken shadow: what it does beside looking on is one of the three things it must not do."""

    def __init__(self, shadows: Shadows, service: Delivering, *, how: str) -> None:
        self._shadows, self._service, self._how = shadows, service, how
        self._seen: set[str] = set()

    def before(self, standing: Standing, at: datetime) -> None:
        """Decides whom it should only look at."""
        self._shadows.before(standing, at)
        if self._how == "decides" and standing.decided_at is not None:
            decide(standing, alone(self._service, CHALLENGER), at)

    def after(self, standing: Standing, at: datetime) -> None:
        """Adds a cent of its own."""
        self._shadows.after(standing, at)
        self._seen.add(standing.customer_id)
        if self._how == "writes":
            standing.own_minor += 1

    async def save(self, connection: AsyncConnection, partition_of: Callable[[str], int]) -> None:
        """Tells what it has."""
        await self._shadows.save(connection, partition_of)
        if self._how == "tells":
            statement = text(
                "INSERT INTO outbox (partition, event_id, topic, key, value, headers) "
                "VALUES (:partition, gen_random_uuid(), 'tier-changed', :key, '{}', '[]')"
            )
            for key in self._seen:
                await connection.execute(statement, {"partition": partition_of(key), "key": key.encode()})


@pytest.fixture
async def meddled(
    make_settings: Callable[..., ServiceSettings], cards: Any, people: Any, request: pytest.FixtureRequest
) -> Any:
    """The bank with a challenger, and a broken shadow in its place."""
    subject = SUBJECTS["scoring"]
    given = make_settings("stream", scorecards=cards)
    composition = subject.compose(given)
    ring, rules = composition.jobs["shadows"].keywords["ring"], composition.state["rules"]  # type: ignore[attr-defined]

    async def meddling(connection: AsyncConnection, customer_ids: Collection[str], now: datetime) -> Meddling | None:
        found = await follow(connection, customer_ids, now, ring=ring, rules=rules)
        return found and Meddling(found, service, how=request.param)

    handler = partial(on_bank_facts, rules=rules, shadowing=meddling)
    heard = {**composition.subscriptions, TransactionRecorded: handler, HoldingChanged: handler}
    service = Delivering(Runtime(replace(composition, subscriptions=heard), given, role="worker", observer=Observer()))
    await service.begin()
    await enter(await people(service))
    yield service
    await service.runtime.close()


@pytest.mark.parametrize("meddled", ["tells", "decides", "writes"], indirect=True)
async def test_a_shadow_that_tells_decides_or_writes_would_be_noticed(
    pair: Pair, meddled: Delivering, history: list[Event]
) -> None:
    plain, _ = pair
    for service in (plain, meddled):
        await replay(service, history, until=MONDAY + 220 * DAY, size=60, sweeps=True)
    assert await outcome(plain) != await outcome(meddled)
