"""The table `asked_occasions`: what came on a file that is merged into another, to be begun by the survivor's sweep.

Appended by whoever holds the file, who does not hold the survivor (see `rapport.person.asking`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, SmallInteger, Table, Text, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.intervention.domain.occasions import Occasion
from churn_alert.tables import metadata
from rapport.database import fetch
from rapport.privacy.catalogue.columns import entry

asked_occasions = Table(
    "asked_occasions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("node", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("cause", Text, nullable=False),
    Column("product", Text),
    Index("asked_occasions_by_due_time", "partition", "due_at"),
    Index("asked_occasions_by_customer", "customer_id"),
    info=entry("intervention"),
)
_TAKE = (
    "DELETE FROM asked_occasions o USING unnest($1::text[], $2::timestamptz[]) AS due(customer_id, clock) "
    "WHERE o.customer_id = due.customer_id AND o.due_at <= due.clock "
    "RETURNING o.id, o.customer_id, o.node, o.due_at, o.since, o.cause, o.product"
)


async def ask(connection: AsyncConnection, asked: Iterable[Occasion], *, partition_of: Callable[[str], int]) -> None:
    """Have these begun for the survivors whom they name."""
    rows = [
        {"customer_id": one.customer_id, "partition": partition_of(one.customer_id), "due_at": one.at}
        | {name: getattr(one, name) for name in ("node", "since", "cause", "product")}
        for one in asked
    ]
    if rows:
        await connection.execute(insert(asked_occasions), rows)


async def take(connection: AsyncConnection, clocks: Mapping[str, datetime]) -> Sequence[Occasion]:
    """What is to be begun by now for these customers, who are held, the earliest first."""
    rows = await fetch(connection, _TAKE, list(clocks), list(clocks.values()))
    return [Occasion(*list(row)[1:]) for row in sorted(rows, key=lambda row: (row["due_at"], row["id"]))]
