"""The log read again, with what people did to tiers laid in where it was, comes to the very rows that are live."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from deploy.local.stack import Stack
from rapport.clock import utc_now
from rapport.composition import Runtime
from rapport.erasure.store import destroyed_in
from rapport.events.customer_profile import ConsentChanged, CustomerErased, CustomerProfiled
from rapport.ids import new_id
from rapport.messaging.history import History
from rapport.messaging.log import KafkaLog
from scoring.override.domain import Wanted
from scoring.override.handlers import acts
from scoring.replay import store
from scoring.replay.handlers import deciding, replay
from scoring.standing.domain.state import Standing
from scoring.standing.store.hands import hands_in
from scoring.standing.store.standings import load
from simulator.bank import Plan
from simulator.publisher import publish
from simulator.wire import Record, Wire
from tests.e2e.system import PARTITIONS, System
from tests.e2e.test_replay_of_the_log import TOPICS, end_of_a_day, history_of, is_mark, live, rules_of, stored
from tests.scoring.override.office import profiled
from tests.support.consenting import consents
from tests.support.erasing import erased
from tests.support.stack import FreshDatabase, Topics

PLAN = Plan(seed=5, customers=40, months=6, decliners=0.3)
LOT = 50
"""Records; one act of a person beside each, however fast the machine is."""
LONGEST = timedelta(days=400)
BEFORE = datetime(2024, 1, 1, tzinfo=UTC)
OTHER: Mapping[str | None, str] = {"low": "high", "middle": "low", "high": "low"}


@pytest.fixture
async def system(stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[System]:
    made = System(stack, await topics.make(TOPICS, partitions=PARTITIONS))
    await made.add("scoring", fresh_database("scoring"), max_poll_records=100)
    yield made
    await made.close()


class People:
    """Who puts customers into other tiers, and customers who say no to automation or to tiering, beside the service."""

    def __init__(self, system: System) -> None:
        self.system = system
        (scoring,) = system.services
        self.runtime: Runtime = scoring.runtime
        self._revision = 0

    async def put_on(self, customer_id: str, *, days: int) -> Any:
        """Another tier than the present one, from the customer's present moment on."""
        state = self.runtime.composition.state
        async with self.runtime.transactions.begin(customers=[customer_id]) as tx:
            tier = OTHER[(await load(tx.connection, [customer_id]))[customer_id].tier]
            wanted = Wanted(tier, "relationship", tx.clock_of(customer_id) + timedelta(days=days))
            override_id = await acts.propose(
                tx,
                customer_id,
                wanted,
                by="ana",
                rules=state["rules"],
                longest=LONGEST,
                keyring=state["keyring"],
            )
        async with self.runtime.transactions.begin(customers=[customer_id]) as tx:
            await acts.approve(tx, override_id, by="ben", rules=state["rules"])
        return override_id

    async def revoke(self, customer_id: str, override_id: Any) -> None:
        async with self.runtime.transactions.begin(customers=[customer_id]) as tx:
            await acts.revoke(tx, override_id, "wrong-tier", by="ben", rules=self.runtime.composition.state["rules"])

    async def profile(self, customer_id: str, *, refuses: bool = True, relationship: str = "active") -> None:
        """Told by customer-profile, and heard whenever a worker comes to it."""
        self._revision += 1
        told = profiled(refuses=refuses, revision=self._revision, customer_id=customer_id, at=BEFORE)
        await self._tell(told.model_copy(update={"relationship": relationship}))

    async def consent(self, customer_id: str, *, refused: bool = True) -> None:
        """The same of a customer's consent to tiering."""
        self._revision += 1
        said = {"refused": ["tiering"]} if refused else {"granted": ["tiering"]}
        await self._tell(consents(customer_id, revision=self._revision, at=BEFORE, **said))

    async def end(self, customer_id: str) -> None:
        """The file is destroyed in customer-profile."""
        await self._tell(erased(customer_id).model_copy(update={"as_of": BEFORE}))

    async def _tell(self, told: CustomerProfiled | ConsentChanged | CustomerErased) -> None:
        wire = Wire(prefix=self.system.prefix, partitions=PARTITIONS)
        stamp, moment = wire.stamp(type(told), "customer-profile"), int(BEFORE.timestamp() * 1000)
        await publish([wire.told(told, stamp, identifier=str(new_id()), time_ms=moment)], self.system.bootstrap_servers)


async def lived(system: System, history: list[Record], *, workers: int = 1) -> None:
    """This part of the history, to its end."""
    await publish(history, system.bootstrap_servers)
    async with system.working(workers=workers):
        await system.settle()


async def replayed(
    runtime: Runtime, *, until: datetime | None = None, with_people: bool = True, spares_erased: bool = True
) -> tuple[dict[str, Standing], int]:
    """The whole book, and how many of its customers the live table has otherwise."""
    book: dict[str, Standing] = {}
    differing = 0
    for partition in range(PARTITIONS):
        async with runtime.engine.connect() as connection:
            hands = await hands_in(connection, partition, until or utc_now()) if with_people else []
            gone = await destroyed_in(connection, partition) if spares_erased else set[str]()
            history = History(KafkaLog(runtime.settings.kafka), deciding(runtime.transactions.service), partition)
            part = await replay(history, [rules_of(runtime)], until, hands, gone)
            differing += await store.differing_from_live(connection, partition, part.books[0].standings)
            assert await store.passed_over(connection, partition) == 0
        book |= part.books[0].standings
    return book, differing


async def test_customers_in_whose_tiers_people_had_a_hand_are_where_they_were_and_are_to_the_bit(
    system: System,
) -> None:
    people, history = People(system), history_of(system, PLAN)
    third = end_of_a_day(history[: len(history) * 2 // 3])
    rest = third + end_of_a_day(history[third:])
    newcomer = next(record.key.decode() for record in history if record.key and not is_mark(record))
    for customer_id in ("c_unheard", newcomer):
        await people.profile(customer_id)
    await lived(system, [])
    await lived(system, history[:third], workers=2)
    runs, ended, replaced, revoked, refuses, takes_back, both, declines, consents_again, held, let_go, *_ = sorted(
        key for key, one in (await live(people.runtime)).items() if not one.people_only
    )
    await people.put_on(runs, days=390)
    await people.put_on(ended, days=7)
    await people.put_on(replaced, days=300)
    withdrawn = await people.put_on(revoked, days=300)
    for customer_id in (refuses, takes_back, both):
        await people.profile(customer_id)
    for customer_id in (declines, consents_again, takes_back):
        await people.consent(customer_id)
    for customer_id in (held, let_go):
        await people.profile(customer_id, refuses=False, relationship="restricted")
    await lived(system, history[third:rest])
    then, at = await live(people.runtime), utc_now()
    await asyncio.sleep(0.01)

    await people.put_on(replaced, days=20)
    await people.put_on(both, days=300)
    await people.revoke(revoked, withdrawn)
    for customer_id in (takes_back, let_go):
        await people.profile(customer_id, refuses=False)
    for customer_id in (consents_again, takes_back):
        await people.consent(customer_id, refused=False)
    await lived(system, history[rest:], workers=2)
    now = await live(people.runtime)
    assert {key for key, one in now.items() if one.override} == {runs, both}
    assert then[ended].override is None and then[replaced].override and then[revoked].override
    assert {key for key, one in now.items() if one.people_only} == {
        refuses,
        both,
        declines,
        held,
        newcomer,
        "c_unheard",
    }

    touched = {runs, ended, replaced, revoked, refuses, takes_back, both, declines, consents_again, newcomer}
    touched |= {"c_unheard", held, let_go}
    ours, differing = await replayed(people.runtime)
    assert (stored(ours), differing) == (stored(now), 0)
    assert [(ours[key].tier, ours[key].tier_since, ours[key].people_since) for key in sorted(touched)] == [
        (now[key].tier, now[key].tier_since, now[key].people_since) for key in sorted(touched)
    ]
    before, _ = await replayed(people.runtime, until=at)
    assert stored(before) == stored(then)
    ignoring, differing = await replayed(people.runtime, with_people=False)
    assert differing == len(touched)
    assert {key for key, one in stored(now).items() if stored(ignoring).get(key) != one} == touched


async def test_hands_at_any_moment_of_a_busy_day_come_again_between_the_same_events(system: System) -> None:
    people, history, draw = People(system), history_of(system, PLAN), Random(3)
    begun = end_of_a_day(history[: len(history) // 2])
    await lived(system, history[:begun])
    customers = sorted(await live(people.runtime))[:20]
    async with system.working(workers=2):
        for begin in range(begun, len(history), LOT):
            telling = asyncio.create_task(publish(history[begin : begin + LOT], system.bootstrap_servers))
            customer_id = draw.choice(customers)
            if draw.random() < 0.2:
                await people.profile(customer_id, refuses=draw.random() < 0.6)
            elif draw.random() < 0.25:
                await people.consent(customer_id, refused=draw.random() < 0.6)
            else:
                await people.put_on(customer_id, days=draw.randint(30, 120))
            await telling
        await system.settle()
    now = await live(people.runtime)
    ours, differing = await replayed(people.runtime)
    assert (stored(ours), differing) == (stored(now), 0)
    assert len(await system.services[0].rows("SELECT 1 FROM overrides")) > 10


async def test_whoever_is_destroyed_is_in_no_replay_and_everybody_else_comes_to_the_same(system: System) -> None:
    people, history = People(system), history_of(system, PLAN)
    half = end_of_a_day(history[: len(history) // 2])
    await lived(system, history[:half])
    gone_early, gone_late, given, *_ = sorted(await live(people.runtime))
    for customer_id in (gone_early, gone_late, given):
        await people.put_on(customer_id, days=300)
    then, at = await live(people.runtime), utc_now()
    await asyncio.sleep(0.01)
    await people.end(gone_early)
    await lived(system, history[half:], workers=2)
    await people.end(gone_late)
    await lived(system, [])
    now = await live(people.runtime)
    assert given in now and not {gone_early, gone_late} & now.keys()

    ours, differing = await replayed(people.runtime)
    assert (stored(ours), differing) == (stored(now), 0)
    before, _ = await replayed(people.runtime, until=at)
    assert stored(before) == {key: one for key, one in stored(then).items() if key not in {gone_early, gone_late}}
    built_anew, differing = await replayed(people.runtime, spares_erased=False)
    assert differing == 2 and built_anew.keys() - now.keys() == {gone_early, gone_late}
