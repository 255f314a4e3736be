"""The worker of customer-profile as it is shipped, until Kafka has acknowledged COUNT facts made of raw records.

`python -m benchmarks.adapting COUNT`, with the settings of customer-profile in the environment; prints the seconds from
the first poll to the last acknowledgement.
"""

import asyncio
import sys
from collections.abc import Sequence
from time import perf_counter

import uvloop

from customer_profile.main import compose
from customer_profile.settings import Settings
from rapport.composition import Runtime
from rapport.messaging.worker import cancel
from rapport.serving import collect_rarely
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.observer import DeliveryTelemetry


class Relayed(DeliveryTelemetry):
    """The telemetry a worker runs with, and a clock that stops at the last fact."""

    def __init__(self, count: int) -> None:
        super().__init__(Metrics("customer-profile"))
        self._left = count
        self._began = 0.0
        self.seconds = 0.0
        self.done = asyncio.Event()

    def step(self, name: str) -> None:
        """The clock starts with the first records that were fetched."""
        if name == "begun" and not self._began:
            self._began = perf_counter()

    def relayed(self, topic: str, count: int, seconds: Sequence[float]) -> None:
        """It stops with the last one acknowledged."""
        super().relayed(topic, count, seconds)
        self._left -= count
        if self._left <= 0 and not self.done.is_set():
            self.seconds = perf_counter() - self._began
            self.done.set()


async def main(count: int) -> float:
    """Seconds for `count` facts."""
    settings = Settings.read()
    observer = Relayed(count)
    collect_rarely()
    runtime = Runtime(compose(settings), settings, role="worker", observer=observer)
    working = asyncio.create_task(runtime.worker().run())
    await observer.done.wait()
    await cancel(working)
    await runtime.close()
    return observer.seconds


if __name__ == "__main__":
    print(uvloop.run(main(int(sys.argv[1]))))
