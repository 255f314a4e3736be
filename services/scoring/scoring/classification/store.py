"""The classes that customers are in, and every change of them as it came to be known."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Column, Identity, Index, RowMapping, Table, Text, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import select_many, upsert_many
from rapport.privacy.catalogue.columns import entry
from scoring.classification.domain.classes import Dimension, Held
from scoring.tables import MOMENT, metadata

customer_classes = Table(
    "customer_classes",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("dimension", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("since", MOMENT, nullable=False),
    Column("revision", BigInteger, nullable=False),
    info=entry("risk-limit-class"),
)

class_changes = Table(
    "class_changes",
    metadata,
    Column("change_id", BigInteger, Identity(), primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("since", MOMENT, nullable=False),
    Column("known_at", MOMENT, nullable=False),
    Index("class_changes_by_customer", "customer_id", "change_id"),
    info=entry("risk-limit-class"),
)

Known = dict[tuple[str, Dimension], Held]


async def load(connection: AsyncConnection, customer_ids: Sequence[str]) -> Known:
    """The classes of these customers, by customer and dimension."""
    rows = await select_many(connection, customer_classes, customer_ids, key="customer_id")
    return {(row["customer_id"], row["dimension"]): Held(*row) for row in rows}


async def save(connection: AsyncConnection, held: Sequence[Held], known: Known, *, known_at: datetime) -> None:
    """Replace classes of a lower revision, and append those that differ from what was known."""
    await upsert_many(connection, customer_classes, [one._asdict() for one in held], only_newer="revision")
    changes = [
        {"customer_id": one.customer_id, "dimension": one.dimension, "value": one.value, "since": one.since}
        | {"known_at": known_at}
        for one in held
        if (before := known.get((one.customer_id, one.dimension))) is None
        or (before.value, before.since) != (one.value, one.since)
    ]
    if changes:
        await connection.execute(insert(class_changes), changes)


async def page_of_changes(
    connection: AsyncConnection, customer_id: str, *, before: int | None, limit: int
) -> Sequence[RowMapping]:
    """How a customer's classes came about, what was known last first, older than `before`."""
    changes = class_changes.c
    statement = select(class_changes).where(changes.customer_id == customer_id)
    if before is not None:
        statement = statement.where(changes.change_id < before)
    return (await connection.execute(statement.order_by(changes.change_id.desc()).limit(limit))).mappings().all()
