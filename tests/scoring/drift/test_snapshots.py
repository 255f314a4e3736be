"""A snapshot of the whole book each day, by batches and once whoever counts; a seeded shift shows up in it."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scoring.drift.domain import Drift
from scoring.drift.handlers import drifts, latest_indices, take_snapshot_now, take_snapshots
from scoring.lifetime_value.domain.model import LifetimeModels
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, transaction
from tests.scoring.lifetime_value.keeping import keep_model_of
from tests.scoring.release.people import FIRST
from tests.scoring.release.test_lifetime_value import ASKING
from tests.scoring.replaying import reach
from tests.support.delivering import Delivering
from tests.support.serving import Start

CROWD = 1_203
HELD = ("5.00", "5000.00", "200000.00")
"""Of the three bins of the scorecard: 0, 60 and 90 points."""


@pytest.fixture
async def bank(running: Start, tmp_path: Path) -> Delivering:
    """A bank in stream time whose scorecard has one feature, what is held, in three bins."""
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "1.json").write_text(json.dumps(FIRST | {"version": 1, "effective_from": "1990-01-01"}))
    return await running("stream", scorecards=folder)


async def hold(service: Delivering, revision: int, counts: tuple[int, int, int], at: Any = MONDAY) -> None:
    """So many customers hold what falls into each bin."""
    amounts = [amount for amount, count in zip(HELD, counts, strict=True) for _ in range(count)]
    await deliver(
        service, *[holdings(revision, amount, customer_id=f"c-{n}", at=at) for n, amount in enumerate(amounts)]
    )


async def count(service: Delivering) -> int:
    """A worker's batches until there is nothing to count; how many there were."""
    batches = 1
    while await take_snapshots(service.runtime.transactions, rules=service.runtime.composition.state["rules"]):
        batches += 1
    return batches


async def history(service: Delivering) -> list[Drift]:
    """Every snapshot, the latest first."""
    async with service.runtime.engine.connect() as connection:
        return await drifts(connection, limit=100)


async def test_the_whole_book_is_counted_in_batches_and_once_a_day(bank: Delivering) -> None:
    await hold(bank, 1, (400, 500, 303))
    await reach(bank, MONDAY + timedelta(minutes=1))
    assert await count(bank) == 3, "500 customers a transaction"
    assert await count(bank) == 1
    (first,) = await history(bank)
    assert first.is_reference
    assert first.snapshot.customers == CROWD
    assert first.snapshot.features == {"investments": {"0": 400, "1": 500, "2": 303}}
    assert first.snapshot.points == {"0": 400, "60": 500, "90": 303}
    assert first.snapshot.tiers == {"low": 400, "middle": 500, "high": 303}
    assert first.snapshot.due_at.isoformat() == "2025-03-02T16:00:00+00:00", "midnight where the bank is"
    await reach(bank, MONDAY + DAY)
    await count(bank)
    assert [one.snapshot.due_at - first.snapshot.due_at for one in await history(bank)] == [DAY, timedelta(0)]


async def test_two_workers_count_nobody_twice(bank: Delivering) -> None:
    await hold(bank, 1, (400, 500, 303))
    await reach(bank, MONDAY + timedelta(minutes=1))
    await asyncio.gather(*(count(bank) for _ in range(3)))
    await count(bank)
    (only,) = await history(bank)
    assert only.snapshot.points == {"0": 400, "60": 500, "90": 303}


async def test_a_shift_is_found_in_the_next_snapshot_and_history_is_kept(bank: Delivering) -> None:
    await hold(bank, 1, (400, 500, 303))
    await reach(bank, MONDAY + timedelta(minutes=1))
    await count(bank)
    await hold(bank, 2, (410, 490, 303), at=MONDAY + DAY)
    await reach(bank, MONDAY + DAY + timedelta(minutes=1))
    await count(bank)
    await hold(bank, 3, (900, 200, 103), at=MONDAY + 2 * DAY)
    await reach(bank, MONDAY + 2 * DAY + timedelta(minutes=1))
    await count(bank)
    moved, still, reference = await history(bank)
    assert [one.verdict for one in (moved, still, reference)] == ["moved", "nothing", "nothing"]
    assert {one.name: one.verdict for one in moved.measures()} == dict.fromkeys(
        ("investments", "points", "tiers"), "moved"
    )
    async with bank.runtime.engine.connect() as connection:
        indices = await latest_indices(connection)
    assert indices == {("1", one.name): one.psi for one in moved.measures()}


async def test_a_book_too_small_is_counted_and_is_no_reference(bank: Delivering) -> None:
    await hold(bank, 1, (400, 500, 99))
    await reach(bank, MONDAY + timedelta(minutes=1))
    await count(bank)
    (small,) = await history(bank)
    assert (small.reference, small.verdict, small.snapshot.customers) == (None, "too few to say", 999)
    await hold(bank, 2, (400, 500, 303), at=MONDAY + DAY)
    await reach(bank, MONDAY + DAY + timedelta(minutes=1))
    await count(bank)
    large, small = await history(bank)
    assert large.is_reference
    assert small.reference == large.snapshot
    assert {one.verdict for one in small.measures()} == {"too few to say"}


async def test_an_empty_book_and_one_that_is_still_being_read_are_not_counted(bank: Delivering) -> None:
    assert await count(bank) == 1
    await hold(bank, 1, (400, 500, 303))
    await reach(bank, MONDAY + timedelta(minutes=1))
    behind = "UPDATE consumer_offsets SET log_end_offset = next_offset + {} WHERE partition = 3"
    await bank.rows_written(behind.format(5_001))
    await count(bank)
    assert await history(bank) == []
    await bank.rows_written(behind.format(5_000))
    await count(bank)
    assert len(await history(bank)) == 1


async def test_a_snapshot_on_demand_is_one_more_and_asked_twice_at_one_moment_the_same(bank: Delivering) -> None:
    rules = bank.runtime.composition.state["rules"]
    await take_snapshot_now(bank.runtime.transactions, rules=rules)
    assert await history(bank) == []
    await hold(bank, 1, (400, 500, 303))
    await reach(bank, MONDAY + timedelta(minutes=1))
    await count(bank)
    for _ in range(2):
        await take_snapshot_now(bank.runtime.transactions, rules=rules)
    asked, daily = await history(bank)
    assert asked.snapshot.due_at == MONDAY + timedelta(minutes=1)
    assert daily.is_reference
    assert [one.psi for one in asked.measures()] == [0, 0, 0]


async def test_a_new_version_has_a_reference_of_its_own(running: Start, tmp_path: Path) -> None:
    folder = tmp_path / "cards"
    folder.mkdir()
    for version, since in ((1, "1990-01-01"), (2, "2025-03-04")):
        document = FIRST | {"version": version, "effective_from": since}
        (folder / f"{version}.json").write_text(json.dumps(document))
    bank = await running("stream", scorecards=folder)
    await hold(bank, 1, (400, 500, 303))
    await reach(bank, MONDAY + timedelta(minutes=1))
    await count(bank)
    await reach(bank, MONDAY + 2 * DAY)
    await count(bank)
    assert [(one.snapshot.version, one.is_reference) for one in await history(bank)] == [(2, True), (1, True)]


async def test_a_card_that_asks_for_the_lifetime_value_is_counted_with_it(running: Start, tmp_path: Path) -> None:
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "1.json").write_text(json.dumps(ASKING | {"version": 1, "effective_from": "1990-01-01"}))
    bank = await running("stream", scorecards=folder)
    await deliver(bank, transaction(MONDAY), holdings(1, "5.00", customer_id="c-2"))
    await keep_model_of(bank.runtime.engine, made_at=MONDAY)
    await reach(bank, MONDAY + DAY)
    unaware = replace(bank.runtime.composition.state["rules"], models=LifetimeModels())
    await take_snapshots(bank.runtime.transactions, rules=unaware)
    (only,) = await history(bank)
    assert only.snapshot.features["lifetime_value"] == {"1": 1, "unknown": 1}
    assert only.snapshot.points == {"50": 1, "20": 1}
