"""The fault campaign in short: a few kills and one frozen worker, on the stack of the tests; else see `make faults`."""

from pathlib import Path
from random import Random

from deploy.local.stack import Stack
from tests.faults.broken_merges import BREAKING
from tests.faults.ground import ground
from tests.faults.merging import MERGING
from tests.faults.plan import Faults
from tests.faults.subjects import SUBJECTS
from tests.support import serving
from tests.support.stack import Databases

SEED = 1


async def test_workers_that_are_killed_or_frozen_lose_nothing_and_count_nothing_twice(
    stack: Stack, databases: Databases, tmp_path: Path
) -> None:
    async with ground(stack, databases, tmp_path) as run:
        await run.begin(workers=2, rate=300, seed=SEED)
        faults = Faults(run, Random(SEED), lambda _: None)
        for step in ("handled", "committed"):
            await faults.crash_at(step)
        await faults.kill_anywhere()
        await faults.freeze_at("begun")
        verdict = await run.judge(patience=60)
        assert verdict.violations == []
        assert verdict.figures["duplicate"] > 0
        assert run.crew.marks.count("crashed") == 2
        assert run.crew.marks.count("fenced") >= 1, "the worker that had been frozen was not refused"
        assert run.crew.marks.count("stopped") == 0


def test_the_campaign_puts_every_service_to_the_test() -> None:
    assert SUBJECTS.keys() == serving.SUBJECTS.keys()


def test_the_campaign_tries_merges_as_they_are_and_every_way_to_take_them_wrongly() -> None:
    assert {name for name, broken in MERGING.items() if broken} == BREAKING.keys()
    assert [name for name, broken in MERGING.items() if not broken] == ["merging"]
    assert set(MERGING.values()) - {""} <= SUBJECTS.keys()
