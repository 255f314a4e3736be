"""One of several processes that decide whoever is due, until nobody is.

`python -m benchmarks.redeciding floor|ours WORKERS NUMBER`, with the settings of scoring in the environment; prints
seconds.
"""

import sys
from time import perf_counter

import asyncpg
import uvloop

from rapport.composition import Runtime
from rapport.messaging.observer import Observer
from rapport.messaging.sweeper import Sweeper
from rapport.serving import collect_rarely
from scoring.main import compose
from scoring.settings import Settings
from scoring.standing.store.due_times import LATEST
from scoring.standing.store.standings import STATE, WHOLE

_PAGE = 500
_READ_AT = [STATE.index(cell) for cell in ("s.customer_id", LATEST["points"], LATEST["decided_at"])]
_DUE = "SELECT customer_id FROM due_times WHERE partition = ANY($1::smallint[]) AND due_at <= now() LIMIT $2"
_READ = f"SELECT {', '.join(STATE)} FROM {WHOLE} WHERE s.customer_id = ANY($1::text[])"
_WRITE = (
    "UPDATE due_times SET due_at = now() + interval '20 days', points = new.points, decided_at = new.decided_at "
    "FROM unnest($1::text[], $2::integer[], $3::timestamptz[]) AS new(customer_id, points, decided_at) "
    "WHERE due_times.customer_id = new.customer_id"
)


async def floor(partitions: list[int]) -> float:
    """Seconds of reading and writing alone."""
    connection = await asyncpg.connect(Settings.read().database.url.get_secret_value().replace("+asyncpg", ""))
    began = perf_counter()
    while ids := [row[0] for row in await connection.fetch(_DUE, partitions, _PAGE)]:
        async with connection.transaction():
            rows = await connection.fetch(_READ, ids)
            columns = [[row[place] for row in rows] for place in _READ_AT]
            await connection.execute(_WRITE, *columns)
    seconds = perf_counter() - began
    await connection.close()
    return seconds


async def ours(partitions: list[int]) -> float:
    """Seconds of the sweeper as a worker runs it."""
    settings = Settings.read()
    collect_rarely()
    composition = compose(settings)
    runtime = Runtime(composition, settings, role="worker", observer=Observer())
    for upkeep in composition.upkeep:
        await upkeep(runtime.transactions)
    sweeper = Sweeper(runtime.transactions, composition.sweeps, Observer())
    began = perf_counter()
    while await sweeper.sweep(partitions):
        pass
    seconds = perf_counter() - began
    await runtime.close()
    return seconds


if __name__ == "__main__":
    candidate = {"floor": floor, "ours": ours}[sys.argv[1]]
    of, number = int(sys.argv[2]), int(sys.argv[3])
    print(uvloop.run(candidate(list(range(number, 24, of)))))
