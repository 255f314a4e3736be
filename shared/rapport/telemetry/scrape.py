"""Gauges of what lies in the database, read when Prometheus asks: the truth after a restart too."""

import asyncio
import time
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.messaging.offsets import accounting
from rapport.telemetry.metrics import Figures, Metrics

_EVERY_SECONDS = 5.0
_LIMIT_SECONDS = 2.0
# Counting stops at 100,000: a backlog beyond that is one number to an operator, and a scrape must stay cheap.
_COUNTS = text(
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT 100000) AS o) AS outbox, "
    "(SELECT count(*) FROM (SELECT 1 FROM dead_letters LIMIT 100000) AS d) AS dead_letters"
)


class Scrape:
    """Fills the gauges at most every five seconds, however often it is asked."""

    def __init__(self, engine: AsyncEngine, metrics: Metrics, figures: Sequence[Figures] = ()) -> None:
        self._engine = engine
        self._metrics = metrics
        self._figures = [(metrics.gauge(one.name, one.text, *one.labels), one.read) for one in figures]
        self._looked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def render(self) -> bytes:
        """The metrics as text; when the database is away they say so and keep their last values."""
        async with self._lock:
            if time.monotonic() - self._looked_at >= _EVERY_SECONDS:
                await self._look()
                self._looked_at = time.monotonic()
        return self._metrics.render()

    async def _look(self) -> None:
        up = self._metrics.database_up.labels(self._metrics.service)
        try:
            async with asyncio.timeout(_LIMIT_SECONDS), self._engine.connect() as connection:
                accounts = await accounting(connection)
                counts = (await connection.execute(_COUNTS)).one()
                figures = [(gauge, await read(connection)) for gauge, read in self._figures]
        except Exception:  # noqa: BLE001 - whatever it is, the other metrics are still worth having
            up.set(0)
            return
        up.set(1)
        service = self._metrics.service
        for row in accounts:
            self._metrics.lag.labels(service, row["topic"], str(row["partition"])).set(row["lag"])
            self._metrics.parked.labels(service, row["topic"], str(row["partition"])).set(row["parked"])
        self._metrics.unbalanced.labels(service).set(sum(not row["balances"] for row in accounts))
        self._metrics.outbox.labels(service).set(counts.outbox)
        self._metrics.dead_letters.labels(service).set(counts.dead_letters)
        for gauge, values in figures:
            gauge.clear()  # a label that is told no more is no longer so
            for labels, value in values.items():
                gauge.labels(service, *labels).set(value)
