"""Puts records on Kafka, in their order within each partition, at a rate or as fast as the broker takes them.

At least once: what was not acknowledged when a client failed is sent again, all of it and in order, by a new one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import islice

from simulator.ledger import Ledger
from simulator.line import Line, Published
from simulator.wire import Record

Progress = Callable[[Published], None]
_CHUNK = 4_000
_TICK = 0.01
"""Seconds between two chunks of a paced publication."""


async def publish(
    records: Iterable[Record],
    bootstrap: str,
    *,
    rate: float | None = None,
    progress: Progress | None = None,
    ledger: Ledger | None = None,
) -> Published:
    """Publish all records; `rate` in records a second, None for as fast as can be.

    Raises KafkaError when there is no broker, or when it stays away for five minutes later.
    """
    published = Published()
    line = Line(bootstrap, published, ledger, linger_ms=20 if rate is None else 0)
    try:
        await line.connect()
        async for chunk in _paced(iter(records), rate):
            await line.send(chunk)
            if progress:
                progress(published)
        await line.drain()
    finally:
        await line.close()
    if progress:
        progress(published)
    return published


async def _paced(records: Iterator[Record], rate: float | None) -> AsyncIterator[list[Record]]:
    """Chunks of records, each when it is due."""
    started, taken = time.monotonic(), 0
    while True:
        due = _CHUNK if rate is None else min(_CHUNK, int((time.monotonic() - started) * rate) - taken)
        if due > 0:
            chunk = list(islice(records, due))
            if not chunk:
                return
            taken += len(chunk)
            yield chunk
        if rate is not None:
            await asyncio.sleep(_TICK)
