"""Replay equals life: the size of a batch, and whether a timer or an event comes first, change no decision."""

from datetime import timedelta

import pytest

from rapport.events.base import Event
from tests.scoring.facts import DAY, MONDAY, Start, life
from tests.scoring.replaying import outcome, replay

UNTIL = MONDAY + 500 * DAY


@pytest.fixture(scope="module")
def history() -> list[Event]:
    return life(seed=11, customers=12, days=300)


async def test_any_batch_size_and_any_sweeping_give_the_same_history(running: Start, history: list[Event]) -> None:
    outcomes = []
    for size, sweeps in ((10_000, False), (1, False), (23, True), (400, True)):
        service = await running("stream")
        await replay(service, history, until=UNTIL, size=size, sweeps=sweeps)
        outcomes.append(await outcome(service))
    for found in outcomes[1:]:
        assert found == outcomes[0]


async def test_the_history_holds_all_kinds_of_change(running: Start, history: list[Event]) -> None:
    service = await running("stream")
    await replay(service, history, until=UNTIL, size=500, sweeps=False)
    decisions = (await outcome(service))["decisions"]
    assert {decision["cause"] for decision in decisions} == {"event", "time"}
    moves = {(decision["old_tier"], decision["tier"]) for decision in decisions}
    assert {(None, "low"), ("low", "middle"), ("middle", "low"), ("middle", "high"), ("high", "middle")} <= moves
    rows = await service.rows("SELECT max(due_at) AS latest, min(due_at) AS first FROM standings")
    assert UNTIL < rows[0].first <= rows[0].latest <= UNTIL + timedelta(days=30)
