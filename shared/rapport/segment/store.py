"""The table `segments`: one row a customer, replaced only by a higher revision. A segment is its name alone."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import select_many
from rapport.person.store import survivors_of
from rapport.privacy.catalogue.columns import entry


def copies(metadata: MetaData) -> Table:
    """The table on a service's own metadata; a migration of the service makes it."""
    return Table(
        "segments",
        metadata,
        Column("customer_id", Text, primary_key=True),
        Column("segment", Text, nullable=False),
        Column("revision", BigInteger, nullable=False),
        Column("since", DateTime(timezone=True), nullable=False),
        info=entry("customer-segment"),
    )


async def segments_of(connection: AsyncConnection, table: Table, customer_ids: Iterable[str]) -> dict[str, str]:
    """The names of the segments that are known; of a customer of whom scoring told none there is none.

    A file that was merged into another has the survivor's: its own is of the time before."""
    survivors = await survivors_of(connection, set(customer_ids))
    rows = await select_many(connection, table, sorted({*survivors.values()}))
    known = {row["customer_id"]: row["segment"] for row in rows}
    return {file: known[survivor] for file, survivor in survivors.items() if survivor in known}
