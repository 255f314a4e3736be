"""What is kept of customers' postings: one row a file, one read and one write a batch."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from asyncpg import Record
from sqlalchemy import BigInteger, Boolean, Column, Date, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.abnormal.domain.finding import forget_old
from churn_alert.abnormal.domain.packing import account_of, kept, packed, unpacked
from churn_alert.abnormal.domain.persons import Persons
from churn_alert.abnormal.domain.state import JUDGED_DAYS, Activity, FirstSeen
from churn_alert.tables import metadata
from rapport.behaviour.active_days import ActiveDays
from rapport.database import fetch, select_many, upsert_columns
from rapport.person.store import grouped
from rapport.privacy.catalogue.columns import entry

activity_states = Table(
    "activity_states",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("days", LargeBinary, nullable=False),
    Column("active_days_from", Date),
    Column("active_days", LargeBinary),
    Column("counterparties", JSONB, nullable=False),
    Column("is_natural", Boolean, nullable=False),
    Column("profile_revision", BigInteger, nullable=False),
    Column("in_force", JSONB, nullable=False),
    Column("accounts", JSONB, nullable=False, server_default=text("'{}'")),
    # Not the sums that risk keeps: these are of the reporting rules, and their ends are those of the leads.
    info=entry("abnormal-activity"),
)
_NAMES = tuple(column.name for column in activity_states.columns)
_LAST_DAYS = "SELECT customer_id, last_day FROM activity_states WHERE customer_id = ANY($1::text[])"
_NO_DAY = date(1900, 1, 1)
"""Of a file of which no posting was heard: a day before all others."""


async def load(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, Activity]:
    """These files; one of which nothing is kept yet gets an empty state."""
    ids = list(dict.fromkeys(customer_ids))
    found = {row["customer_id"]: _state_of(row) for row in await select_many(connection, activity_states, ids)}
    return {one: found.get(one) or Activity(one, last_day=_NO_DAY.toordinal()) for one in ids}


async def persons_among(connection: AsyncConnection, states: dict[str, Activity]) -> Persons:
    """Who of these is judged with which others."""
    return await grouped(connection, states, load, Persons)


async def last_days_of(connection: AsyncConnection, files: Iterable[str], persons: Persons) -> dict[str, int]:
    """Of the persons of several files that these are of, by survivor, the latest day of any file."""
    wanted = {persons.merged_into.get(file, file) for file in files} & set(persons.merged_into.values())
    if not wanted:
        return {}
    survivors = {one: one for one in wanted}
    survivors |= {file: into for file, into in persons.merged_into.items() if into in wanted}
    latest: dict[str, int] = {}
    for row in await fetch(connection, _LAST_DAYS, sorted(survivors)):
        survivor, day = survivors[row["customer_id"]], row["last_day"].toordinal()
        latest[survivor] = max(day, latest.get(survivor, day))
    return latest


async def save(connection: AsyncConnection, states: Sequence[Activity], *, partition_of: Callable[[str], int]) -> None:
    """Write these files back, new ones too."""
    if states:
        rows = [_cells(one, partition_of(one.customer_id)) for one in states]
        await upsert_columns(connection, activity_states, _NAMES, rows)


def _state_of(row: Record) -> Activity:
    first, bits = row["active_days_from"], row["active_days"]
    return Activity(
        row["customer_id"],
        days=unpacked(row["days"]),
        last_day=row["last_day"].toordinal(),
        active_days=ActiveDays.from_bytes(first, bits) if first else None,
        counterparties={name: FirstSeen(*one) for name, one in row["counterparties"].items()},
        is_natural=row["is_natural"],
        profile_revision=row["profile_revision"],
        in_force=row["in_force"],
        accounts={name: account_of(one) for name, one in row["accounts"].items()},
    )


def _cells(one: Activity, partition: int) -> tuple[Any, ...]:
    forget_old(one)
    days = one.active_days
    return (
        one.customer_id,
        partition,
        date.fromordinal(one.last_day),
        packed(one),
        days.first if days else None,
        days.to_bytes() if days else None,
        one.counterparties,
        one.is_natural,
        one.profile_revision,
        one.in_force,
        {name: kept(of, one.last_day - JUDGED_DAYS) for name, of in one.accounts.items()},
    )
