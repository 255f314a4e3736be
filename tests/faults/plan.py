"""What is done to a run: every kind of fault, each waited for until it has really happened, and counted."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable
from random import Random

from deploy.local.stack import Stack
from rapport.messaging.observer import STEPS
from tests.faults.crew import Order
from tests.faults.ground import SESSION_SECONDS, Ground

Say = Callable[[str], None]
FROZEN_SECONDS = 2 * SESSION_SECONDS
STALL_SECONDS = 60.0
"""A frozen owner is found after 6 s, its locks fall after 10; the rest is catching up on a busy machine."""
_RELAY_STEPS = tuple(step for step in STEPS if step.startswith("relay"))


class Faults:
    """Does faults to one run. `done`: how often each has happened; `calm_after`: the most seconds until every partition
    moved again by itself, None where one never did within `patience`."""

    def __init__(
        self, run: Ground, rng: Random, say: Say, *, patience: float = STALL_SECONDS, total: int | None = None
    ) -> None:
        self.run = run
        self.done: Counter[str] = Counter()
        self.calm_after: dict[str, float | None] = {}
        self._patience = patience
        self._total = total
        self._begun = 0
        self._rng = rng
        self._say = say

    def _now(self, what: str) -> None:
        self.run.now = what
        self._begun += 1
        place = f"{self._begun}/{max(self._total, self._begun)}  " if self._total else ""
        self._say(f"{place}{what}  ({self.run.crew.marks.count('fenced')} batches fenced so far)")

    async def settle(self, what: str) -> None:
        """Do nothing until the run has recovered by itself."""
        seconds, before = await self.run.calm(patience=self._patience), self.calm_after.get(what, 0.0)
        self.calm_after[what] = None if seconds is None or before is None else max(seconds, before)

    def _order(self, what: str, step: str) -> Order:
        # A relay has work only after a poll that told something.
        return Order(what, step, self._rng.randint(1, 4 if step in _RELAY_STEPS else 12))

    def _victim(self) -> str:
        return self._rng.choice(self.run.crew.wanted)

    async def crash_at(self, step: str) -> None:
        """Kill -9 a worker wherever it is; let the one that takes its place die at this step."""
        self._now(f"kill at {step}")
        came_true = await self.run.crew.obey(self._victim(), self._order("crash", step))
        self.done[f"killed at {step}" if came_true else "orders that did not come true"] += 1
        await asyncio.sleep(self._rng.uniform(0.3, 2.0))

    async def kill_anywhere(self) -> None:
        """Kill -9 a worker wherever it is."""
        self._now("kill anywhere")
        self.run.crew.kill(self._victim())
        await asyncio.sleep(self._rng.uniform(1.0, 3.0))

    async def freeze_at(self, step: str) -> None:
        """Stop a worker at this step for twice its session, while others take over; then let it go on."""
        self._now(f"freeze at {step}")
        name = self._victim()
        if not await self.run.crew.obey(name, self._order("freeze", step)):
            self.done["orders that did not come true"] += 1
            return
        await asyncio.sleep(FROZEN_SECONDS)
        self.run.crew.wake(name)
        self.done[f"frozen at {step}"] += 1
        await self.settle("a freeze")

    async def freeze_anywhere(self) -> None:
        """The same, wherever it is."""
        self._now("freeze anywhere")
        name = self._victim()
        self.run.crew.freeze(name)
        await asyncio.sleep(FROZEN_SECONDS)
        self.run.crew.wake(name)
        self.done["frozen anywhere"] += 1
        await self.settle("a freeze")

    async def come_and_go(self) -> None:
        """Two more workers join, share the work, and leave in order."""
        self._now("two workers come and go")
        names = ["guest-1", "guest-2"]
        self.run.crew.wanted += names
        await asyncio.sleep(6)
        for name in names:
            await self.run.crew.dismiss(name)
        self.done["workers came and went"] += 2
        await asyncio.sleep(SESSION_SECONDS)
        await self.settle("workers came and went")

    async def restart_broker(self, stack: Stack, *, kill: bool) -> None:
        """The broker goes, in order or by kill -9, and comes back."""
        what = "broker killed" if kill else "broker restarted"
        self._now(what)
        pid = stack.kafka_pid
        if kill and pid is not None:
            os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(stack.restart_kafka)
        self.done[what] += 1
        await self.settle(what)

    async def crash_database(self, stack: Stack) -> None:
        """PostgreSQL ends at once and recovers."""
        self._now("PostgreSQL restarted at once")
        await asyncio.to_thread(stack.restart_postgres, "immediate")
        self.done["PostgreSQL restarted at once"] += 1
        await self.settle("PostgreSQL restarted at once")


def length_of(rounds: int) -> int:
    """How many faults a whole campaign is, when nothing has to be repeated."""
    return rounds * (len(STEPS) + 4) + 3


async def whole_campaign(faults: Faults, stack: Stack, *, rounds: int) -> None:
    """Every named step in each round, between faults of everything else; freezes until enough batches were fenced."""
    for number in range(rounds):
        steps = list(STEPS)
        faults._rng.shuffle(steps)
        for step in steps:
            await faults.crash_at(step)
        await faults.settle("a kill at every step")
        await faults.freeze_at("begun")
        await faults.restart_broker(stack, kill=number % 2 == 1)
        await faults.crash_database(stack)
        await faults.come_and_go()
    await faults.freeze_at("handled")
    await faults.freeze_at("relay-read")
    await faults.freeze_anywhere()
    for _ in range(8):
        if faults.run.crew.marks.count("fenced") >= 5:
            return
        await faults.freeze_at("begun")


async def exposing(variant: str, faults: Faults) -> None:
    """The faults that a broken variant does not survive."""
    crew = faults.run.crew
    match variant:
        case "offset-first":
            for _ in range(3):
                await faults.crash_at("advanced")
        case "relay-cursor":
            # The other worker takes over, with a cursor that is past what the dead one never sent.
            name = crew.wanted[-1]
            await crew.obey(name, Order("crash", "relay-read", 3))
            crew.wanted.remove(name)
            # One that was put in its place meanwhile would begin with a cursor of its own, and send what is left.
            crew.kill(name)
            await asyncio.sleep(SESSION_SECONDS + 6)
        case "inbox-off":
            await faults.kill_anywhere()
        case "no-seek":
            await faults.come_and_go()
        case _:
            raise ValueError(variant)
