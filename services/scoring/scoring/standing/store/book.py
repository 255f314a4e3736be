"""The whole book, page by page, and when each of its customers is decided again."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter
from typing import Any, NamedTuple

from pydantic_core import to_jsonable_python
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.behaviour.daily_counts import DailyCounts
from rapport.database import fetch, update_columns
from scoring.lifetime_value.domain.model import Activity
from scoring.standing.domain.state import Standing
from scoring.standing.store import due_times
from scoring.standing.store.cells import cells_of, standing_of
from scoring.standing.store.due_times import DUE_AT, LATEST
from scoring.standing.store.persons import NOT_MERGED, load_persons, load_sums
from scoring.standing.store.standings import STATE, WHOLE, standings

_LOAD_PARTITION = f"SELECT {', '.join(STATE)} FROM {WHOLE} WHERE s.partition = $1"  # noqa: S608 - our own columns
_PAGE = (
    f"SELECT customer_id FROM standings WHERE customer_id > $1 AND {NOT_MERGED} "  # noqa: S608 - our own columns
    "ORDER BY customer_id LIMIT $2"
)
_ACTIVITIES = (
    "SELECT customer_id, active_days_from, active_days, active_day_repeats, own_minor "  # noqa: S608 - our own columns
    f"FROM standings WHERE customer_id > $1 AND {NOT_MERGED} ORDER BY customer_id LIMIT $2"
)
_SCHEDULES = (
    "SELECT s.customer_id, coalesce(s.scorecard_since, s.tier_since), s.below_since, "  # noqa: S608 - our own columns
    f"{LATEST['decided_at']}, {DUE_AT}, s.override_until FROM {WHOLE} WHERE s.customer_id = ANY($1::text[])"
)

_PLACE = ("tier", "tier_since", "below_since", "revision", "scorecard_tier", "scorecard_since")
_OVERRIDE = ("override_id", "override_tier", "override_until")
_place_of = attrgetter(*_PLACE)

_OF_PROFILES = 1
"""The last column: which word of customer-profile was the latest. What follows from it, a refusal, comes before."""


class Schedule(NamedTuple):
    """What the next decision of a customer follows from, and when it is. `tier_since`: of the scorecard's course."""

    customer_id: str
    tier_since: datetime
    below_since: datetime | None
    decided_at: datetime
    due_at: datetime
    override_until: datetime | None


async def count(connection: AsyncConnection) -> int:
    """How many customers there are; a person of several files is one."""
    customers = select(func.count()).select_from(standings).where(text(NOT_MERGED))
    number: int = (await connection.execute(customers)).scalar_one()
    return number


async def page(connection: AsyncConnection, *, after: str, limit: int) -> list[str]:
    """Customers in order of their id; a person of several files once, by the survivor."""
    return [row["customer_id"] for row in await fetch(connection, _PAGE, after, limit)]


async def load_page(connection: AsyncConnection, *, after: str, limit: int) -> list[Standing]:
    """Whole standings in order of the customer's id; persons of several files on the sum. To be read, not saved."""
    ids = await page(connection, after=after, limit=limit)
    loaded = await load_persons(connection, ids)
    return [loaded[customer_id] for customer_id in ids]


async def activities(connection: AsyncConnection, *, after: str, limit: int) -> list[tuple[str, Activity | None]]:
    """What lifetime values follow from, of customers in order of their id; None of one without a day of their own. Of
    persons of several files it is what all of them did."""
    found = {
        customer_id: Activity(DailyCounts.from_bytes(since, days, repeats), minor) if since else None
        for customer_id, since, days, repeats, minor in await fetch(connection, _ACTIVITIES, after, limit)
    }
    sums = await load_sums(connection, found)
    persons = {one: Activity(of.active_days, of.own_minor) if of.active_days else None for one, of in sums.items()}
    return list((found | persons).items())


async def schedules(connection: AsyncConnection, customer_ids: Sequence[str]) -> list[Schedule]:
    """When these customers are decided again."""
    return [Schedule(*row) for row in await fetch(connection, _SCHEDULES, list(customer_ids))]


def place_of(one: Standing) -> tuple[Any, ...]:
    """All that silence can change of a standing apart from its last decision and its due time; seldom it does."""
    return (*_place_of(one), *(one.override or (None, None, None)))


async def save_decided(connection: AsyncConnection, decided: Sequence[Standing], moved: Sequence[Standing]) -> None:
    """Write back what silence changed of standings: the wide rows only of those who `moved` by it."""
    if moved:
        places = [(one.customer_id, *place_of(one)) for one in moved]
        await update_columns(connection, standings, (*_PLACE, *_OVERRIDE), places)
    rows = [(one.customer_id, one.due_at, one.points, one.decided_at) for one in decided]
    await due_times.keep_decided(connection, rows)


async def load_partition(connection: AsyncConnection, partition: int) -> list[Standing]:
    """Every standing of one partition of Kafka."""
    return [standing_of(tuple(row)) for row in await fetch(connection, _LOAD_PARTITION, partition)]


def fingerprint(one: Standing) -> str:
    """A hash of all that decides, to the bit: equal where two rows are, the revision of the latest profile apart."""
    # Sorted: PostgreSQL keeps the keys of a document in an order of its own.
    cells = json.dumps(to_jsonable_python(cells_of(one)[:-_OF_PROFILES], bytes_mode="hex"), sort_keys=True)
    return blake2b(cells.encode(), digest_size=16).hexdigest()
