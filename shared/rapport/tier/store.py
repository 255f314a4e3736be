"""The table `tiers`: one row a customer, replaced only by a higher revision."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import BigInteger, Column, DateTime, MetaData, SmallInteger, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import select_many, upsert_many
from rapport.person.store import survivors_of
from rapport.privacy.catalogue.columns import entry
from rapport.tier.domain import CustomerTier


def copies(metadata: MetaData) -> Table:
    """The table on a service's own metadata; a migration of the service makes it."""
    return Table(
        "tiers",
        metadata,
        Column("customer_id", Text, primary_key=True),
        Column("tier", Text, nullable=False),
        Column("revision", BigInteger, nullable=False),
        Column("decided_at", DateTime(timezone=True), nullable=False),
        Column("rank", SmallInteger),
        info=entry("tier-decision"),
    )


async def keep(connection: AsyncConnection, table: Table, states: Sequence[CustomerTier]) -> int:
    """Replace what is older than these; returns how many rows changed."""
    return await upsert_many(connection, table, [asdict(state) for state in states], only_newer="revision")


async def tiers_of(connection: AsyncConnection, table: Table, customer_ids: Iterable[str]) -> dict[str, CustomerTier]:
    """The tiers that are known; a customer whom scoring has not decided on has none.

    A file that was merged into another has the survivor's: its own is of the time before."""
    survivors = await survivors_of(connection, set(customer_ids))
    rows = await select_many(connection, table, sorted({*survivors.values()}))
    known = {row["customer_id"]: CustomerTier(**row) for row in rows}
    return {file: known[survivor] for file, survivor in survivors.items() if survivor in known}
