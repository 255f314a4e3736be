"""The table `tiers`: one row a customer, replaced only by a higher revision."""

from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, Column, DateTime, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback.tables import metadata
from feedback.tier.domain import CustomerTier, Tier
from rapport.database import select_many, upsert_many

tiers = Table(
    "tiers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("tier", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
)


async def save(connection: AsyncConnection, states: Sequence[CustomerTier]) -> int:
    """Replace what is older than these; returns how many rows changed."""
    rows = [
        {"customer_id": s.customer_id, "tier": s.tier, "revision": s.revision, "decided_at": s.decided_at}
        for s in states
    ]
    return await upsert_many(connection, tiers, rows, only_newer="revision")


async def tiers_of(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, Tier]:
    """The tiers that are known; a customer whom scoring has not decided on has none."""
    rows = await select_many(connection, tiers, sorted(set(customer_ids)))
    return {row["customer_id"]: row["tier"] for row in rows}
