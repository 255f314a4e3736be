"""The workers of a run and their supervisor: never fewer than asked for, each replaced as soon as it is gone."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time

from deploy.local.processes import Processes
from tests.faults.marks import MarkReader


@dataclass(frozen=True, slots=True)
class Order:
    """What one worker is to do to itself: `crash` or `freeze` at the n-th pass of a step."""

    what: str
    step: str
    passes: int


class Crew:
    """Starts, kills and freezes workers by name; `wanted` are started again whenever they end."""

    def __init__(
        self, folder: Path, service: str, environment: Mapping[str, str], *, variant: str | None = None
    ) -> None:
        self.marks = MarkReader(folder / "marks.jsonl")
        self.wanted: list[str] = []
        self.kills = 0
        """Of ours, by kill -9; those of an order are marks."""
        self._folder = folder
        self._service = service
        self._environment = {**os.environ, **environment}
        self._variant = variant
        self._processes = Processes(folder)

    def start(self, name: str, order: Order | None = None) -> None:
        """Starts a worker, once with an order."""
        command = [sys.executable, "-m", "tests.faults.launch", "--service", self._service]
        command += ["--worker", name, "--marks", str(self.marks.path)]
        if order is not None:
            command += [f"--{order.what}", f"{order.step}:{order.passes}"]
        if self._variant is not None:
            command += ["--variant", self._variant]
        self._processes.start(name, command, log=self._folder / f"{name}.log", environment=self._environment)

    async def watch(self) -> None:
        """Keeps the wanted workers going, until cancelled."""
        while True:
            for name in self.wanted:
                if self._processes.pid(name) is None:
                    self.start(name)
            await asyncio.sleep(0.1)

    def runs(self, name: str) -> bool:
        """Whether it lives, frozen or not."""
        return self._processes.pid(name) is not None

    def kill(self, name: str) -> None:
        """By kill -9, wherever it is."""
        pid = self._processes.pid(name)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            self.kills += 1

    async def dismiss(self, name: str) -> None:
        """Ends a worker in order, for good."""
        if name in self.wanted:
            self.wanted.remove(name)
        await asyncio.to_thread(self._processes.stop, name)

    async def obey(self, name: str, order: Order, *, patience: float = 40.0) -> bool:
        """Replaces a worker, by kill -9, by one with an order; whether it came true in time, after which it falls."""
        began = time()
        self.wanted.remove(name)
        self.kill(name)
        await self._until_gone(name, patience=10)
        self.start(name, order)
        self.wanted.append(name)
        until = monotonic() + patience
        what = {"crash": "crashed", "freeze": "frozen"}[order.what]
        while monotonic() < until:
            if self.marks.of(name, what, since=began):
                return True
            await asyncio.sleep(0.05)
        # Else it would obey when nobody waits for it any more: one that freezes then is never woken.
        self.kill(name)
        return False

    async def _until_gone(self, name: str, *, patience: float) -> bool:
        until = monotonic() + patience
        while monotonic() < until:
            if self._processes.pid(name) is None:
                return True
            await asyncio.sleep(0.02)
        return False

    def freeze(self, name: str) -> None:
        """SIGSTOP, wherever it is."""
        self._signal(name, signal.SIGSTOP)

    def wake(self, name: str) -> None:
        """SIGCONT."""
        self._signal(name, signal.SIGCONT)

    def _signal(self, name: str, number: signal.Signals) -> None:
        pid = self._processes.pid(name)
        if pid is not None:
            os.kill(pid, number)

    def spawn(self, name: str, command: list[str]) -> None:
        """Another process of the run, such as the load."""
        self._processes.start(name, command, log=self._folder / f"{name}.log", environment=self._environment)

    async def finish(self, name: str, *, patience: float) -> bool:
        """Asks a process to end by SIGTERM and waits; False when it did not end in time."""
        self._signal(name, signal.SIGTERM)
        return await self._until_gone(name, patience=patience)

    async def end(self) -> None:
        """Ends all that runs."""
        await asyncio.to_thread(self.end_at_once)

    def end_at_once(self) -> None:
        """The same, while nothing else goes on here."""
        self.wanted.clear()
        for name in self._processes.names():
            self.wake(name)
        self._processes.stop_all()
        self.marks.close()
