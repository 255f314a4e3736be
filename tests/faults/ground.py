"""The ground of one run: a database and topics of its own, workers, a load, and an eye on how long anything waits."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import asyncpg

from deploy.local.connections import Connections
from rapport.messaging.beginnings import write_beginnings
from rapport.settings import KafkaSettings
from tests.faults.crew import Crew
from tests.faults.subjects import SUBJECTS
from tests.faults.verdict import Scene, Verdict
from tests.support.stack import Databases, Topics

SESSION_SECONDS = 6
"""The shortest session the broker allows: a worker that is silent for longer is taken for dead."""
_OLDEST = "SELECT max(extract(epoch FROM now() - advanced_at))::float8 FROM consumer_offsets WHERE topic LIKE $1"
CALM_SECONDS = 5.0
"""Under load every partition moves several times a second; one that has not for so long waits for a worker."""


@dataclass(slots=True)
class Wait:
    """The longest any partition waited while there was load, and what was being done then."""

    seconds: float = 0.0
    during: str = ""


class Ground:
    """One run of workers and load. `now`: what is being done, for whoever watches."""

    def __init__(self, scene: Scene, crew: Crew, folder: Path) -> None:
        self.scene = scene
        self.crew = crew
        self.folder = folder
        self.now = "starting"
        self.longest = Wait()
        self._sampled = (0.0, 0.0)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def book(self) -> Path:
        """What the load has published."""
        return self.folder / "book.csv"

    async def begin(self, *, workers: int, rate: float, seed: int, duplicates: float = 0.03) -> None:
        """Start the workers and the load, and wait until every partition moves."""
        self.crew.wanted += [f"worker-{number}" for number in range(workers)]
        self._tasks.append(asyncio.create_task(self.crew.watch()))
        command = [sys.executable, "-m", "tests.faults.load", "--bootstrap", self.scene.bootstrap]
        command += ["--prefix", self.scene.prefix, "--book", str(self.book), "--seed", str(seed)]
        command += ["--people", self.scene.subject.people]
        self.crew.spawn("load", [*command, "--rate", str(rate), "--duplicates", str(duplicates)])
        await self._until_all_move()
        self._tasks.append(asyncio.create_task(self._watch_waits()))

    async def _until_all_move(self) -> None:
        steady = self.scene.subject.steady
        for _ in range(600):
            async with self.scene.database() as connection:
                still = await connection.fetchval(
                    "SELECT count(*) FROM consumer_offsets WHERE received = 0 AND topic LIKE $1", steady
                )
            if still == 0:
                return
            await asyncio.sleep(0.1)
        raise TimeoutError("the workers did not begin to work within a minute")

    async def _watch_waits(self) -> None:
        steady = self.scene.subject.steady
        while True:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                async with self.scene.database() as connection:
                    while True:
                        seconds = await connection.fetchval(_OLDEST, steady, timeout=5)
                        self._sampled = (monotonic(), seconds)
                        if seconds > self.longest.seconds:
                            self.longest = Wait(seconds, self.now)
                        await asyncio.sleep(0.5)
            await asyncio.sleep(0.5)

    async def calm(self, *, patience: float) -> float | None:
        """Waits until every partition moves again by itself: after how many seconds, or None when one does not."""
        began = monotonic()
        while monotonic() - began < patience:
            sampled_at, seconds = self._sampled
            if sampled_at > began and seconds < CALM_SECONDS:
                return monotonic() - began
            await asyncio.sleep(0.1)
        return None

    async def judge(self, *, patience: float) -> Verdict:
        """End the load, let the workers finish, and recount."""
        self.now = "draining"
        for task in self._tasks[1:]:
            task.cancel()
        if not await self.crew.finish("load", patience=120):
            raise TimeoutError("the load did not get its last records acknowledged within two minutes")
        return await self.scene.judge(self.book, patience=patience)

    def pace(self) -> float:
        """Events a second, over the whole of the load."""
        summary = json.loads(self.book.with_suffix(".json").read_text())
        return float(summary["published"] / summary["seconds"])

    async def end(self) -> None:
        """End all processes of the run."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.crew.end()


@asynccontextmanager
async def ground(
    stack: Connections, databases: Databases, folder: Path, *, service: str = "scoring", variant: str | None = None
) -> AsyncIterator[Ground]:
    """A run of its own on a running stack, cleared away afterwards."""
    subject = SUBJECTS[service]
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once
    database, topics = databases.fresh(service), Topics(stack)
    prefix = await topics.make(subject.topics)
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers, topic_prefix=prefix)
    await write_beginnings(database.owner_url, kafka, subject.hears)
    environment = stack.environment(service, database=database.name) | {
        f"{service.upper()}_KAFKA__TOPIC_PREFIX": prefix,
        f"{service.upper()}_KAFKA__SESSION_TIMEOUT_MS": str(SESSION_SECONDS * 1000),
    }
    scene = Scene(subject, admin_url=stack.admin_url(database.name), bootstrap=stack.bootstrap_servers, prefix=prefix)
    run = Ground(scene, Crew(folder, service, environment, variant=variant), folder)
    try:
        yield run
    finally:
        await run.end()
        await topics.remove()
        databases.drop(database)
