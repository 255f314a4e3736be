"""Calendars in PostgreSQL: one row a customer, one query and one upsert a batch."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy import Column, Date, DateTime, Index, Integer, SmallInteger, Table, Text, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.intervention.domain.calendar import Calendar, Persons
from churn_alert.tables import metadata
from rapport.database import select_many, upsert_many
from rapport.person.store import several_of
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

contact_calendars = Table(
    "contact_calendars",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("since", Date),
    Column("last_contact_at", _at),
    Column("first_salary_at", _at),
    Column("heard_at", _at),
    Column("looked_at", _at),
    Column("version", Integer, nullable=False),
    Column("due_at", _at),
    Index("contact_calendars_by_due_time", "partition", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    info=entry("intervention"),
)
_OWN = tuple(column.name for column in contact_calendars.columns if column.name not in {"customer_id", "partition"})
_OUTDATED = (
    select(contact_calendars.c.customer_id)
    .where(contact_calendars.c.version != bindparam("version"))
    .order_by(contact_calendars.c.customer_id)
    .limit(bindparam("limit"))
)


async def load(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Calendar]:
    """What is known of these customers; one of whom nothing is gets an empty calendar."""
    found = {one: Calendar(one) for one in customer_ids}
    for row in await select_many(connection, contact_calendars, sorted(customer_ids)):
        found[row["customer_id"]] = Calendar(row["customer_id"], *(row[name] for name in _OWN))
    return found


async def persons_among(connection: AsyncConnection, found: Mapping[str, Calendar]) -> Persons:
    """Who of these is one person of several files; also of a file that is merged into another all are known."""
    several = await several_of(connection, found.keys())
    if not several:
        return Persons()
    beside = {file for files in several.values() for file in files} - found.keys()
    states = {**found, **(await load(connection, beside) if beside else {})}
    persons = Persons.of(several, states)
    persons.survivors = {survivor: states[survivor] for survivor in several}
    return persons


async def outdated(connection: AsyncConnection, limit: int, *, version: int) -> Sequence[str]:
    """Customers whose next look was set by another version of the playbooks."""
    return (await connection.execute(_OUTDATED, {"version": version, "limit": limit})).scalars().all()


async def save(
    connection: AsyncConnection, calendars: Iterable[Calendar], *, partition_of: Callable[[str], int]
) -> None:
    """Write calendars back, new ones too."""
    rows = [
        {"customer_id": one.customer_id, "partition": partition_of(one.customer_id)}
        | {name: getattr(one, name) for name in _OWN}
        for one in calendars
    ]
    await upsert_many(connection, contact_calendars, rows)
