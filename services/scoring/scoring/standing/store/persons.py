"""Persons of several files: their standings together, and who is to be decided for an event on another file."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, SmallInteger, Table, Text, Uuid
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute, fetch
from rapport.person.store import persons_of
from rapport.privacy.catalogue.columns import entry
from scoring.standing.domain.persons import ALONE, Persons
from scoring.standing.domain.state import Standing
from scoring.standing.store.standings import load
from scoring.tables import MOMENT, metadata

person_due_times = Table(
    "person_due_times",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Index("person_due_times_by_time", "partition", "due_at"),
    Index("person_due_times_by_customer", "customer_id"),
    info=entry("tier-decision"),
)
"""Survivors to be decided, each with the event that came on another of its files. Appended by whoever holds that file,
who does not hold the survivor: a row that two could write would have them wait for each other."""

NOT_MERGED = (
    "NOT EXISTS (SELECT FROM merged_files m "
    "WHERE m.customer_id = standings.customer_id AND m.survivor <> m.customer_id)"
)
"""Of standings: customers, each once."""

_ASK = (
    "INSERT INTO person_due_times (customer_id, partition, due_at, event_id) "
    "SELECT * FROM unnest($1::text[], $2::smallint[], $3::timestamptz[], $4::uuid[])"
)
_TAKE = (
    "DELETE FROM person_due_times d USING unnest($1::text[], $2::timestamptz[]) AS due(customer_id, clock) "
    "WHERE d.customer_id = due.customer_id AND d.due_at <= due.clock RETURNING d.customer_id, d.due_at, d.event_id"
)


class Asked(NamedTuple):
    """To be decided as of `at`, for the latest event of those that asked for it."""

    at: datetime
    event_id: UUID


async def persons_among(connection: AsyncConnection, standings: Mapping[str, Standing]) -> Persons:
    """Who of these is decided with which others; the others as they are now, which nobody here holds.

    Where nobody is merged it costs one look into an empty table. An event that comes on one of the others meanwhile
    asks for its person itself, so none is missed.
    """
    found = await persons_of(connection, standings.keys())
    several = {survivor: files for survivor, files in found.items() if len(files) > 1}
    if not several:
        return ALONE
    beside = {file for survivor, files in several.items() if survivor in standings for file in files}
    missing = beside - standings.keys()
    return Persons.of(several, {**standings, **(await load(connection, missing) if missing else {})})


async def load_persons(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Standing]:
    """These customers as they are decided: survivors on the sum over their files. To be read, not to be saved."""
    standings = await load(connection, customer_ids)
    persons = await persons_among(connection, standings)
    return {customer_id: persons.sum_of(standing) for customer_id, standing in standings.items()}


async def ever_merged(connection: AsyncConnection, partition: int) -> set[str]:
    """Files of a partition that an act of merging or separating ever touched: not every decision was on them alone."""
    statement = (
        "SELECT m.customer_id FROM merged_files m JOIN customers c ON c.customer_id = m.customer_id "
        "WHERE c.partition = $1"
    )
    return {row["customer_id"] for row in await fetch(connection, statement, partition)}


async def ask(connection: AsyncConnection, asked: Sequence[tuple[str, int, datetime, UUID]]) -> None:
    """Have these survivors decided: customer, partition, as of when, for which event."""
    if asked:
        await execute(connection, _ASK, *zip(*asked, strict=True))


async def take_asked(connection: AsyncConnection, clocks: Mapping[str, datetime]) -> dict[str, Asked]:
    """Who of these, who are held, was to be decided by now. The states of their files are to be read after it: the
    event that asked was committed with its effect."""
    taken = await fetch(connection, _TAKE, list(clocks), list(clocks.values()))
    return {
        customer_id: Asked(at, event_id) for customer_id, at, event_id in sorted(taken, key=lambda row: row["due_at"])
    }
