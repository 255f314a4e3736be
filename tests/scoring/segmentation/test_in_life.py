"""Segments are told as months begin, by silence too, and by a new model; what decides knows nothing of it."""

from dataclasses import replace
from datetime import datetime

import pytest

from rapport.events.base import Event
from scoring.segmentation.store import claim_run, read_states
from tests.scoring.facts import DAY, MONDAY, holdings, life, moment_of, salary, transaction
from tests.scoring.override.office import profiled
from tests.scoring.replaying import reach, replay
from tests.scoring.segment.banks import BY_HAND
from tests.scoring.segmentation.placing import bring, course, know, told
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.erasing import erased, found_in
from tests.support.grouping import merge, person, unmerge
from tests.support.serving import Start

UNTIL = MONDAY + 260 * DAY
RENAMED = replace(BY_HAND, segments=tuple(replace(one, name=f"other-{one.name}") for one in BY_HAND.segments))


@pytest.fixture(scope="module")
def history() -> list[Event]:
    return life(seed=29, customers=14, days=200)


async def lived(service: Delivering, facts: list[Event], *, size: int = 50, until: datetime = UNTIL) -> None:
    await replay(service, facts, until=until, size=size, sweeps=True)


async def test_who_moved_is_told_as_each_month_begins_whatever_the_size_of_a_batch_and_by_silence_alone(
    running: Start, history: list[Event]
) -> None:
    found = []
    for size, sweeps in ((7, True), (400, False)):
        service = await running("stream")
        await know(service, BY_HAND)
        await replay(service, history, until=UNTIL, size=size, sweeps=sweeps)
        found.append(await told(service))
    rules = service.runtime.composition.state["rules"]
    expected = course(history, BY_HAND, rules, UNTIL)
    same = ("customer_id", "segment", "old_segment")
    seen = [(*(one[name] for name in same), datetime.fromisoformat(one["since"]), one["revision"]) for one in found[0]]
    assert seen == expected
    assert found[0] == found[1]
    last = {fact.key: moment_of(fact) for fact in history}
    assert any(since > last[customer_id] + 30 * DAY for customer_id, _, _, since, _ in expected)
    assert {one["segments_version"] for one in found[0]} == {1}


async def test_without_a_model_nothing_is_told_and_nothing_is_kept(running: Start, history: list[Event]) -> None:
    service = await running("stream")
    await lived(service, history)
    assert await told(service) == []
    assert await service.rows("SELECT 1 FROM customer_segments") == []
    assert not await service.runtime.composition.jobs["segments"](service.runtime.transactions)


async def test_a_model_comes_to_a_book_that_was_there_before_and_a_later_one_tells_only_whoever_it_moves(
    running: Start, history: list[Event]
) -> None:
    service = await running("stream")
    await lived(service, history)
    await know(service, BY_HAND)
    assert await bring(service) == 1
    first = await told(service)
    assert {one["customer_id"] for one in first} == {fact.key for fact in history}
    assert all(one["old_segment"] is None and one["revision"] == 1 for one in first)
    await know(service, replace(BY_HAND, unit=BY_HAND.unit), version=2)
    await bring(service)
    assert await told(service) == first
    await know(service, RENAMED, version=3)
    await bring(service)
    moved = [one for one in await told(service) if one["revision"] == 2]
    assert [(one["segment"], one["old_segment"], one["segments_version"]) for one in moved] == [
        (f"other-{one['segment']}", one["segment"], 3) for one in first
    ]


async def test_a_batch_that_was_lost_is_placed_again_and_tells_nothing_twice(
    running: Start, history: list[Event]
) -> None:
    service = await running("stream")
    await lived(service, history)
    await know(service, BY_HAND)
    await bring(service)
    before = await told(service)
    await service.rows_written("UPDATE segment_runs SET told_up_to = '', finished_at = NULL")
    await bring(service)
    assert await told(service) == before


async def test_a_model_that_was_overtaken_is_brought_to_nobody_any_more(service: Delivering) -> None:
    await know(service, BY_HAND)
    async with service.runtime.transactions.begin() as tx:
        assert await claim_run(tx.connection, tx.now) == (1, "")
    await know(service, RENAMED, version=2)
    async with service.runtime.transactions.begin() as tx:
        assert await claim_run(tx.connection, tx.now) == (2, "")


@pytest.mark.parametrize("is_consent", [True, False])
async def test_who_refused_to_be_sorted_stays_where_they_are_until_they_allow_it(
    running: Start, *, is_consent: bool
) -> None:
    service = await running("stream")
    await know(service, BY_HAND)

    def word(revision: int, *, refuses: bool) -> Event:
        if is_consent:
            return consents("c-1", revision=revision, refused=["tiering"] if refuses else [])
        return profiled(refuses=refuses, revision=revision, customer_id="c-1")

    await replay(service, [salary(MONDAY, amount="900000.00")], until=MONDAY + 40 * DAY, size=1, sweeps=True)
    (first,) = await told(service)
    await service.deliver(service.feed.record(word(1, refuses=True), time=MONDAY, source="customer-profile"))
    await know(service, RENAMED, version=2)
    await bring(service)
    await reach(service, MONDAY + 80 * DAY)
    assert await told(service) == [first]
    await service.deliver(service.feed.record(word(2, refuses=False), time=MONDAY, source="customer-profile"))
    await reach(service, MONDAY + 110 * DAY)
    (_, second) = await told(service)
    assert (second["old_segment"], second["segments_version"]) == (first["segment"], 2)


async def test_a_person_of_several_files_is_in_the_segment_of_their_sum_at_once_and_each_file_again_once_separated(
    running: Start,
) -> None:
    service = await running("stream")
    await know(service, BY_HAND)
    rich = [salary(MONDAY, "c-2", amount="900000.00"), holdings(1, "700000.00", customer_id="c-2")]
    poor = [transaction(MONDAY + DAY, "c-1", amount="5.00")]
    await replay(service, [*rich, *poor], until=MONDAY + 40 * DAY, size=10, sweeps=True)
    alone = {one["customer_id"]: one["segment"] for one in await told(service)}
    assert alone["c-1"] != alone["c-2"]
    await service.deliver(*[service.feed.record(one) for one in merge(1, "c-1", "c-2")])
    assert [one["segment"] for one in await told(service, "c-1")] == [alone["c-1"], alone["c-2"]]
    await reach(service, MONDAY + 75 * DAY)
    assert len(await told(service, "c-2")) == 1
    await service.deliver(*[service.feed.record(one) for one in unmerge(2, person("c-1"), person("c-2"))])
    assert [one["segment"] for one in await told(service, "c-1")][2:] == [alone["c-1"]]


async def test_of_who_is_destroyed_no_segment_is_left_here_or_on_kafka(running: Start) -> None:
    service = await running("stream")
    await know(service, BY_HAND)
    await replay(service, [transaction(MONDAY)], until=MONDAY + 40 * DAY, size=1, sweeps=True)
    assert await told(service)
    await service.deliver(service.feed.record(erased("c-1"), source="customer-profile"))
    assert "customer_segments" not in await found_in(service.runtime.engine, "c-1", beside=frozenset({"outbox"}))
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'segment-changed' ORDER BY outbox_id")
    assert rows[-1].value is None
    await reach(service, MONDAY + 80 * DAY)
    assert await service.rows("SELECT 1 FROM customer_segments") == []


async def test_what_is_told_again_is_what_was_told_last(running: Start, history: list[Event]) -> None:
    service = await running("stream")
    await know(service, BY_HAND)
    await lived(service, history)
    last = {one["customer_id"]: {key: one[key] for key in one if key != "event_id"} for one in await told(service)}
    async with service.runtime.engine.connect() as connection:
        pages = [await read_states(connection, "", 5), await read_states(connection, "", 500)]
    assert [len(page) for page in pages] == [5, len(last)]
    assert [fact.model_dump(mode="json") for fact, _ in pages[1]] == [last[key] for key in sorted(last)]
