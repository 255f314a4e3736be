"""Four services on a real Kafka: people merge files and separate them over customer-profile's API while events come
in, and the three others hear of it. Nothing is counted twice or lost, and once all is heard everybody is decided, and
shown, on exactly the files that are theirs. The same at length: `make faults ARGS="--only merging"`.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import pytest

from deploy.local.stack import Stack
from tests.e2e.comparing import Comparison, rows_of
from tests.e2e.merging import people_at
from tests.e2e.system import Served, System
from tests.e2e.under_load import Walk, events_on, four_services
from tests.support.stack import FreshDatabase, Topics
from tests.support.tokens import TestIssuer

FILES = [f"c-{number}" for number in range(16)]
STEPS, ACTS_AMONG = 2_000, 0.02
LEAST_RISKS = len(FILES) // 2
"""Of a run that ends with each file a person alone, of whom nobody waits."""


class EverybodyWaits(Comparison):
    """Broken: of nobody is the risk compared."""

    async def _waiting(self, churn: Served) -> set[str]:  # noqa: ARG002 - asked of whoever it is
        return set(self.persons)


@pytest.fixture
async def system(
    stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase], issuer: TestIssuer, tmp_path: Path
) -> AsyncIterator[System]:
    async with four_services(stack, topics, fresh_database, issuer, tmp_path) as made:
        yield made


async def test_merges_under_load_move_no_counter_and_everybody_is_decided_on_their_own_files(
    system: System, issuer: TestIssuer
) -> None:
    profile = system.services[0].runtime
    async with (
        system.working(workers=2),
        people_at(profile, issuer) as people,
        events_on(system, FILES, STEPS) as load,
    ):
        await load.record_files()
        walk = Walk(system, people, load, ACTS_AMONG, [Random(67)])
        await walk.go_on(STEPS)
        await walk.pairs[0].merge_half()
        assert (await walk.compare()).differences == []
        counted = await rows_of(system)
        await walk.undo()
        found = await walk.compare()
        assert found.differences == []
        assert await rows_of(system) == counted, "an act changed a counter of a file"
        assert found.compared > 10 * len(FILES)
        assert walk.risks_compared >= LEAST_RISKS
        blind = await EverybodyWaits(FILES, walk.persons, load.book).of(system, people)
        assert blind.differences == [], "which shows nothing"
        assert blind.risks_compared < LEAST_RISKS
        assert walk.acts > 40 and load.made > 1_900
        assert load.late > 50 and load.taken_back > 100
