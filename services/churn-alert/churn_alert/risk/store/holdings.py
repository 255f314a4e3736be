"""What customers hold, as the bank told last, and how many products each ever held at once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy import BigInteger, Column, DateTime, Integer, Table, Text, any_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import bindparam

from churn_alert.tables import metadata
from rapport.database import execute
from rapport.privacy.catalogue.columns import entry

customer_holdings = Table(
    "customer_holdings",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("holdings", JSONB, nullable=False),
    Column("holdings_revision", BigInteger, nullable=False),
    Column("holdings_as_of", DateTime(timezone=True), nullable=False),
    Column("most_held", Integer, nullable=False),
    info=entry("holding"),
)


class Held(NamedTuple):
    """Of a file: the products held by this revision, as of then, and the most that were ever held at once."""

    products: tuple[str, ...]
    revision: int
    as_of: datetime
    most: int


# One row a file: of several revisions in one batch the caller gives the highest, with the most of all.
_KEEP = (
    "INSERT INTO customer_holdings AS t SELECT c, p::jsonb, r, a, m FROM "  # noqa: S608 - our own names
    "unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::integer[]) AS new(c, p, r, a, m) "
    "ON CONFLICT (customer_id) DO UPDATE SET most_held = greatest(t.most_held, excluded.most_held), "
    + ", ".join(
        f"{name} = CASE WHEN excluded.holdings_revision > t.holdings_revision THEN excluded.{name} ELSE t.{name} END"
        for name in ("holdings", "holdings_revision", "holdings_as_of")
    )
)
_OF = select(customer_holdings).where(customer_holdings.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))))


async def keep(connection: AsyncConnection, told: Sequence[tuple[str, Held]]) -> None:
    """Keep what each file holds, if its revision is higher than what is there."""
    rows: list[tuple[Any, ...]] = [
        (customer_id, to_json(held.products).decode(), held.revision, held.as_of, held.most)
        for customer_id, held in told
    ]
    if rows:
        await execute(connection, _KEEP, *zip(*rows, strict=True))


async def held_by(connection: AsyncConnection, customer_ids: Collection[str]) -> list[Held]:
    """What these files hold, of each of which anything was told."""
    rows = (await connection.execute(_OF, {"ids": sorted(customer_ids)})).all()
    return [Held(tuple(products), revision, as_of, most) for _, products, revision, as_of, most in rows]


async def products_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, tuple[int, set[str]]]:
    """Of these files what each was last told to hold, and by which revision."""
    rows = (await connection.execute(_OF, {"ids": sorted(customer_ids)})).all()
    return {customer_id: (revision, set(products)) for customer_id, products, revision, *_ in rows}
