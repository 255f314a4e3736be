"""The demo from the first process to the last: start, feed, watch until all is handled, tell, stay."""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic

import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from rich.console import Console

from demo.children import Services
from demo.figures import Figures, Watch
from demo.outcome import Ran, read_truth, tell
from demo.screen import Screen
from deploy.local.errors import StackError
from deploy.local.stack import Stack, instance
from simulator.bank import Plan

_LOOK_SECONDS = 0.5
_BERKA_SPAN = (date(1993, 1, 1), date(1994, 3, 31))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for; `berka` is the folder of its files, None for a simulated bank."""

    berka: Path | None
    customers: int
    months: int
    seed: int
    rate: float | None
    stays: bool


class Feed:
    """The bank that is being published, by a process that ends with the demo, and how far it is."""

    def __init__(self, stack: Stack, asked: Asked, truth: Path) -> None:
        self._stack = stack
        self._output = stack.folder / "feed.log"
        self._output.unlink(missing_ok=True)
        self.published = 0
        self.time_ms = 0
        command = [sys.executable, "-m", "demo.feed", "--bootstrap", stack.bootstrap_servers, *_bank(asked, truth)]
        stack.processes.start("feed", command, log=self._output)

    def is_done(self) -> bool:
        """Read its progress; True once it has published everything. Raises StackError with its words when it failed."""
        is_running = self._stack.processes.pid("feed") is not None
        lines = self._output.read_text().splitlines()
        is_complete = False
        for line in lines[-3:]:
            with suppress(ValueError, KeyError, TypeError):
                progress = json.loads(line)
                self.published, self.time_ms = progress["published"], progress["time_ms"]
                is_complete = progress.get("complete", False)
        if not is_running and not is_complete:
            last = lines[-1] if lines else "no message"
            raise StackError(f"the bank could not be published: {last.removeprefix('demo: ')}")
        return is_complete


def _bank(asked: Asked, truth: Path) -> list[str]:
    rate = ["--rate", str(asked.rate)] if asked.rate else []
    if asked.berka:
        return ["--berka", str(asked.berka), *rate]
    size = ["--seed", str(asked.seed), "--customers", str(asked.customers), "--months", str(asked.months)]
    return [*size, "--truth", str(truth), *rate]


async def run(console: Console, asked: Asked) -> int:
    """Run the demo; the exit code says whether the accounting balances."""
    began = monotonic()
    folder = instance("demo")
    with console.status("starting PostgreSQL and Kafka …") as status:
        await asyncio.to_thread(Stack(folder).wipe)
        stack = await asyncio.to_thread(Stack(folder).start)
        try:
            services = Services(stack, currency="CZK" if asked.berka else "CNY")
            status.update("migrating four databases …")
            await asyncio.to_thread(services.migrate)
            status.update("starting four services …")
            await asyncio.to_thread(services.start)
        except BaseException:
            stack.stop()
            raise
    try:
        console.print(f"PostgreSQL, Kafka and four services are ready after {monotonic() - began:.0f} s")
        return await _live(console, asked, stack, services)
    finally:
        stack.stop()


async def _live(console: Console, asked: Asked, stack: Stack, services: Services) -> int:
    truth = stack.folder / "truth.csv"
    plan = Plan(months=asked.months)
    first, last = _BERKA_SPAN if asked.berka else (plan.start, plan.end)
    async with httpx.AsyncClient(timeout=5) as client, Ends(stack) as ends:
        operator = services.token("operator")
        watches = [Watch(served, operator, client) for served in services.served.values()]
        with Screen(console, first, last) as screen:
            figures = await _until_handled(screen, Feed(stack, asked, truth), watches, services, ends)
    ran = Ran(stack, services.served, services.token, None if asked.berka else read_truth(truth))
    balances = await tell(console, ran, figures)
    if asked.stays:
        await _stay(console, services, services.token("auditor"))
    return 0 if balances else 1


class Ends:
    """Where the logs end on Kafka: the services' own word is not enough to say that all was handled."""

    def __init__(self, stack: Stack) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap_servers, enable_auto_commit=False)

    async def __aenter__(self) -> "Ends":
        await self._consumer.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._consumer.stop()

    async def unread(self, services: Sequence[Figures]) -> int:
        """How many records of the topics the services hear are not handled yet."""
        partitions = {KafkaPartition(*place) for one in services for place in one.positions}
        ends = await self._consumer.end_offsets(list(partitions))
        return sum(
            ends[KafkaPartition(*place)] - position for one in services for place, position in one.positions.items()
        )


async def _until_handled(
    screen: Screen, feed: Feed, watches: Sequence[Watch], services: Services, ends: Ends
) -> list[Figures]:
    quiet = 0
    while True:
        is_published = feed.is_done()
        figures = list(await asyncio.gather(*(watch.look() for watch in watches)))
        screen.show(feed.published, feed.time_ms, figures)
        if dead := services.dead():
            raise StackError(f"{dead[0]} ended by itself; its log: {services.log_of(dead[0])}")
        is_quiet = is_published and all(one.outbox == 0 for one in figures) and await ends.unread(figures) == 0
        quiet = quiet + 1 if is_quiet else 0
        # A sweep can still fire what fell due by the last mark: look twice more before believing the silence.
        if quiet >= 3:
            return figures
        await asyncio.sleep(_LOOK_SECONDS)


async def _stay(console: Console, services: Services, token: str) -> None:
    console.rule("the system stays up until Ctrl-C")
    for served in services.served.values():
        console.print(f"  {served.name:<18}{served.api}/docs", highlight=False)
    address = f"{services.served['scoring'].api}/standings?tier=high&limit=3"
    console.print(f"\n  curl -s '{address}' -H 'Authorization: Bearer {token}'\n", soft_wrap=True, highlight=False)
    while not (dead := services.dead()):  # noqa: ASYNC110 - processes tell nobody when they end
        await asyncio.sleep(1)
    raise StackError(f"{dead[0]} ended by itself; its log: {services.log_of(dead[0])}")
