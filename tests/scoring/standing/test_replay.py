"""Replay equals life: the size of a batch, and whether a timer or an event comes first, change no decision."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rapport.events.base import Event
from scoring.scorecard.files import PUBLISHED
from tests.scoring.facts import DAY, MONDAY, life
from tests.scoring.replaying import outcome, replay
from tests.support.delivering import Delivering
from tests.support.serving import Start

UNTIL = MONDAY + 500 * DAY
NERVOUS = {"middle": 120, "high": 150, "band": 2, "dwell_days": 2, "review_days": 3}
"""Decides so often by time alone that a timer fired at the wrong moment is seen."""


@pytest.fixture(scope="module")
def history() -> list[Event]:
    return life(seed=11, customers=10, days=270)


@pytest.fixture
def nervous(tmp_path: Path) -> Path:
    """A folder of two versions, the second in force amid the history."""
    folder = tmp_path / "cards"
    folder.mkdir()
    document = json.loads((PUBLISHED / "retail-cny-1.json").read_text()) | {"thresholds": NERVOUS}
    later = {"version": 2, "effective_from": "2025-07-01", "thresholds": NERVOUS | {"middle": 115}}
    (folder / "1.json").write_text(json.dumps(document))
    (folder / "2.json").write_text(json.dumps(document | later))
    return folder


async def played(service: Delivering, history: list[Event], size: int, *, sweeps: bool) -> dict[str, Any]:
    await replay(service, history, until=UNTIL, size=size, sweeps=sweeps)
    return await outcome(service)


async def test_any_batch_size_and_any_sweeping_give_the_same_history(
    running: Start, history: list[Event], nervous: Path
) -> None:
    first = await played(await running("stream", scorecards=nervous), history, 10_000, sweeps=False)
    for size, sweeps in ((4, False), (23, True), (400, True)):
        assert await played(await running("stream", scorecards=nervous), history, size, sweeps=sweeps) == first
    causes = Counter(decision["cause"] for decision in first["decisions"])
    assert min(causes["event"], causes["time"]) > 10
    assert {decision["scorecard_version"] for decision in first["decisions"]} == {1, 2}


async def test_the_published_scorecard_gives_one_history_too_and_all_kinds_of_change(
    running: Start, history: list[Event]
) -> None:
    first = await played(await running("stream"), history, 500, sweeps=False)
    assert await played(await running("stream"), history, 31, sweeps=True) == first
    moves = {(decision["old_tier"], decision["tier"]) for decision in first["decisions"]}
    assert {(None, "low"), ("low", "middle"), ("middle", "low"), ("middle", "high"), ("high", "middle")} <= moves
    due = [row["due_at"] for row in first["standings"]]
    assert UNTIL.isoformat() < min(due) <= max(due) <= (UNTIL + 30 * DAY).isoformat()
