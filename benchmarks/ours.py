"""A worker as it is shipped, until it has handled COUNT records. `python -m benchmarks.ours SERVICE COUNT [cpu]`,
with the settings of that service in the environment; prints the seconds, or with `cpu` those of the processor, from
the first poll to the last commit."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from time import perf_counter, process_time

import uvloop

from rapport.composition import Runtime
from rapport.messaging.offsets import Counts
from rapport.messaging.records import TopicPartition
from rapport.messaging.worker import cancel
from rapport.serving import collect_rarely
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.observer import DeliveryTelemetry


class Counting(DeliveryTelemetry):
    """The telemetry a worker runs with, and a clock that stops at the last record."""

    def __init__(self, service: str, count: int, clock: Callable[[], float]) -> None:
        super().__init__(Metrics(service))
        self._clock = clock
        self._left = count
        self.began = 0.0
        self.seconds = 0.0
        self.done = asyncio.Event()

    def step(self, name: str) -> None:
        """The clock starts with the first record that was fetched."""
        if name == "begun" and not self.began:
            self.began = self._clock()

    def committed(
        self, counts: Mapping[TopicPartition, Counts], lags: Mapping[TopicPartition, int], seconds: float
    ) -> None:
        """The clock stops with the last one that was committed."""
        super().committed(counts, lags, seconds)
        self._left -= sum(count.received for count in counts.values())
        if self._left <= 0 and not self.done.is_set():
            self.seconds = self._clock() - self.began
            self.done.set()


async def main(
    service: str, count: int, clock: Callable[[], float], change: Callable[[Runtime], None] = lambda _: None
) -> float:
    """Seconds of this clock for `count` records. `service`: its package; `change`: what is another way with a variant
    that is compared."""
    settings = import_module(f"{service}.settings").Settings.read()
    observer = Counting(service, count, clock)
    collect_rarely()
    runtime = Runtime(import_module(f"{service}.main").compose(settings), settings, role="worker", observer=observer)
    change(runtime)
    working = asyncio.create_task(runtime.worker().run())
    await observer.done.wait()
    await cancel(working)
    await runtime.close()
    return observer.seconds


if __name__ == "__main__":
    print(uvloop.run(main(sys.argv[1], int(sys.argv[2]), process_time if sys.argv[3:] == ["cpu"] else perf_counter)))
