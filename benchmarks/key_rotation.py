"""Both levels of keys of 100,000 customers replaced by the shipped commands, while an API reads and corrects them.

What is to be shown is that no read fails; how much slower reading is meanwhile is shown beside it.
"""

import asyncio
import base64
import random
import secrets
import sys
from collections import Counter
from collections.abc import Awaitable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import httpx
import uvloop

from benchmarks.files import SERVICE, Profile, customer, profile, ready, serving
from benchmarks.ground import CONSOLE, Ground, table, verdict
from deploy.local.processes import PROJECT

CUSTOMERS = 100_000
READERS = 3
QUIET = 10.0
"""Seconds of load with nothing else going on, to compare with."""
COMMANDS = ("rotate-master-keys", "rotate-data-keys")


def run(ground: Ground, customers: int = CUSTOMERS) -> None:
    """Fill under one key, start the API with two, load it, and run the commands one after the other."""
    with TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        keys.write_text(_line(1))
        with profile(ground, customers, key_file=keys) as filled:
            pass
        keys.write_text(keys.read_text() + _line(2))
        with serving(filled):
            uvloop.run(_rotate(filled, customers))


def _line(version: int) -> str:
    return f"{version}:{base64.b64encode(secrets.token_bytes(32)).decode()}\n"


async def _rotate(served: Profile, customers: int) -> None:
    load = _Load(served, customers)
    title = f"{customers:,} customers, {READERS} readers and a corrector meanwhile"
    shown = table(title, "", "s", "reads", "p50 ms", "failed", "")
    async with served.client() as api:
        await ready(api)
    shown.add_row("nothing else", *await load.during(asyncio.sleep(QUIET)))
    for command in COMMANDS:
        shown.add_row(command, *await load.during(_command(command, served)))
    row, reached, goal, judged = verdict("failed reads", load.failed, 0, at_least=False)
    shown.add_row(row, "", "", "", reached, f"{goal} {judged}")
    CONSOLE.print(shown)
    CONSOLE.print(f"statuses: {dict(load.statuses)}", highlight=False)


async def _command(name: str, served: Profile) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", SERVICE, name, env=served.environment, cwd=PROJECT, stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise SystemExit(f"{name} failed")


class _Load:
    """Reads customers, portraits and lists, and corrects addresses, for as long as something else goes on."""

    def __init__(self, served: Profile, customers: int) -> None:
        self._served = served
        self._customers = customers
        self._times: list[float] = []
        self.statuses: Counter[str] = Counter()

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if status != "200")

    async def during(self, work: Awaitable[None]) -> tuple[str, str, str, str, str]:
        """Seconds, reads, their median, how many failed meanwhile."""
        self._times, before, began = [], self.failed, perf_counter()
        loads = [asyncio.create_task(self._read(number)) for number in range(READERS)]
        loads.append(asyncio.create_task(self._correct()))
        try:
            await work
        finally:
            for one in loads:
                one.cancel()
            for ended in await asyncio.gather(*loads, return_exceptions=True):
                if not isinstance(ended, asyncio.CancelledError):
                    raise SystemExit(f"a reader ended before its time: {ended!r}")
        seconds = perf_counter() - began
        middle = median(self._times) * 1000
        return f"{seconds:.1f}", f"{len(self._times):,}", f"{middle:.2f}", str(self.failed - before), ""

    async def _read(self, seed: int) -> None:
        draw = random.Random(seed)
        async with self._served.client() as api:
            while True:
                one = customer(draw.randrange(self._customers))
                path = draw.choice([f"/customers/{one}", f"/customers/{one}/portrait", "/customers?limit=20"])
                began = perf_counter()
                await self._ask(api, "GET", path)
                self._times.append(perf_counter() - began)

    async def _correct(self) -> None:
        draw = random.Random(99)
        async with self._served.client() as api:
            while True:
                address = f"深圳市科技路{draw.randrange(10_000)}号"
                path = f"/customers/{customer(draw.randrange(self._customers))}"
                await self._ask(api, "PATCH", path, json={"identity": {"address": address}})

    async def _ask(self, api: httpx.AsyncClient, method: str, path: str, **body: Any) -> None:
        try:
            status = str((await api.request(method, path, **body)).status_code)
        except httpx.HTTPError as fault:  # Not answered is failed, and no reason to ask no more.
            status = type(fault).__name__
        self.statuses[status] += 1
