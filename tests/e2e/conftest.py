"""The replay's command beside a live system that every test of it shares."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.local.stack import Stack
from rapport.archive_command import CLOCKS_APART
from simulator.bank import Plan
from simulator.publisher import publish
from tests.e2e.system import PARTITIONS, System
from tests.e2e.test_replay_of_the_log import TOPICS, history_of
from tests.support.stack import Databases, FreshDatabase, Topics, finish

PLAN = Plan(seed=11, customers=15, months=3)
Run = Callable[..., subprocess.CompletedProcess[str]]


class Live(NamedTuple):
    """A live system whose worker has handled everything, and whose log is old enough for an archive."""

    prefix: str
    database: str


@pytest.fixture(scope="session")
def live(stack: Stack, databases: Databases) -> Iterator[Live]:
    """One for all tests of the command: its log is only read, and what they write goes to copies of its database."""
    database, topics = databases.fresh("scoring"), Topics(stack)

    async def lived() -> str:
        system = System(stack, await topics.make(TOPICS, partitions=PARTITIONS))
        await system.add("scoring", database, max_poll_records=500)
        await publish(history_of(system, PLAN), system.bootstrap_servers)
        async with system.working(workers=1):
            await system.settle()
        await system.close()
        return system.prefix

    prefix = finish(lived())
    time.sleep(CLOCKS_APART.total_seconds())
    yield Live(prefix, database.name)
    finish(topics.remove())
    databases.drop(database)


@pytest.fixture
def database(live: Live, databases: Databases) -> Iterator[FreshDatabase]:
    """A copy of the live system's."""
    copy = databases.copy_of(live.database, "scoring")
    yield copy
    databases.drop(copy)


@pytest.fixture
def run(stack: Stack, live: Live, database: FreshDatabase, tmp_path: Path) -> Run:
    """The command beside the live system."""
    environment = dict(os.environ) | stack.environment("scoring", database=database.name)
    environment |= {
        "SCORING_KAFKA__TOPIC_PREFIX": live.prefix,
        "SCORING_KAFKA__PARTITIONS": str(PARTITIONS),
        "SCORING_TIME__MODE": "stream",
    }

    def act(*options: str, command: str = "replay") -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "scoring", command, "--out", str(tmp_path / "out"), *options]
        return subprocess.run(
            line, env=environment, capture_output=True, text=True, timeout=120, check=False, umask=0o022
        )

    return act
