"""The whole book, page by page, and when each of its customers is decided again."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.behaviour.daily_counts import DailyCounts
from rapport.database import execute, fetch
from scoring.lifetime_value.domain.model import Activity
from scoring.standing.store.standings import standings

_PAGE = "SELECT customer_id FROM standings WHERE customer_id > $1 ORDER BY customer_id LIMIT $2"
_ACTIVITIES = (
    "SELECT customer_id, active_days_from, active_days, active_day_repeats, own_minor FROM standings "
    "WHERE customer_id > $1 ORDER BY customer_id LIMIT $2"
)
_SCHEDULES = (
    "SELECT customer_id, tier_since, below_since, decided_at, due_at FROM standings WHERE customer_id = ANY($1::text[])"
)
_SET = (
    "UPDATE standings SET due_at = new.due_at FROM unnest($1::text[], $2::timestamptz[]) AS new(customer_id, due_at) "
    "WHERE standings.customer_id = new.customer_id"
)


class Schedule(NamedTuple):
    """What the next decision of a customer follows from, and when it is."""

    customer_id: str
    tier_since: datetime
    below_since: datetime | None
    decided_at: datetime
    due_at: datetime


async def count(connection: AsyncConnection) -> int:
    """How many customers there are."""
    number: int = (await connection.execute(select(func.count()).select_from(standings))).scalar_one()
    return number


async def page(connection: AsyncConnection, *, after: str, limit: int) -> list[str]:
    """Customers in order of their id."""
    return [row["customer_id"] for row in await fetch(connection, _PAGE, after, limit)]


async def activities(connection: AsyncConnection, *, after: str, limit: int) -> list[tuple[str, Activity | None]]:
    """What lifetime values follow from, of customers in order of their id; None of one without a day of their own."""
    return [
        (customer_id, Activity(DailyCounts.from_bytes(since, days, repeats), minor) if since else None)
        for customer_id, since, days, repeats, minor in await fetch(connection, _ACTIVITIES, after, limit)
    ]


async def schedules(connection: AsyncConnection, customer_ids: Sequence[str]) -> list[Schedule]:
    """When these customers are decided again."""
    return [Schedule(*row) for row in await fetch(connection, _SCHEDULES, list(customer_ids))]


async def reschedule(connection: AsyncConnection, due: Sequence[tuple[str, datetime]]) -> None:
    """Set the due times of these customers."""
    if due:
        ids, moments = zip(*due, strict=True)
        await execute(connection, _SET, list(ids), list(moments))
