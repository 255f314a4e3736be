"""Postings of customers by month: one row a customer and month, whatever was posted in it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, DateTime, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.portrait.domain import Entry, Month, Posting
from customer_profile.tables import metadata
from rapport.database import fetch, upsert_columns
from rapport.privacy.catalogue.columns import entry

portrait_months = Table(
    "portrait_months",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("entries", JSONB, nullable=False),
    Column("ahead", JSONB(none_as_null=True)),
    info=entry("posting-sums"),
)

_COLUMNS = tuple(column.name for column in portrait_months.columns)
_LOAD = (
    f"SELECT {', '.join(_COLUMNS)} FROM portrait_months WHERE (customer_id, month) IN "  # noqa: S608 - our own columns
    "(SELECT * FROM unnest($1::text[], $2::date[]))"
)


async def load_months(
    connection: AsyncConnection, places: Collection[tuple[str, date]]
) -> dict[tuple[str, date], Month]:
    """These months, of those that anything is known of."""
    if not places:
        return {}
    rows = await fetch(connection, _LOAD, *zip(*places, strict=True))
    return {
        (row[0], row[1]): Month(row[0], row[1], row[2], entries_of(row[3]), ahead_of(row[0], row[4])) for row in rows
    }


async def save_months(connection: AsyncConnection, months: Sequence[Month]) -> None:
    """Write months back, new ones too."""
    if months:
        rows = [
            (one.customer_id, one.month, one.as_of, _rows_of(one.entries), list(map(_cells_of, one.ahead)) or None)
            for one in months
        ]
        await upsert_columns(connection, portrait_months, _COLUMNS, rows)


def _rows_of(entries: dict[Entry, tuple[int, int]]) -> list[list[Any]]:
    return [[*entry, *summed] for entry, summed in sorted(entries.items())]


def entries_of(rows: list[list[Any]]) -> dict[Entry, tuple[int, int]]:
    """What a row's document says: how many and how much, in minor units, by currency, direction and kind."""
    return {Entry(currency, direction, kind): (count, minor) for currency, direction, kind, count, minor in rows}


def _cells_of(posting: Posting) -> list[Any]:
    return [posting.occurred_at.isoformat(), *posting.entry, posting.minor, posting.sign]


def ahead_of(customer_id: str, cells: list[list[Any]] | None) -> list[Posting]:
    """What a row says of postings whose day had not come."""
    return [
        Posting(customer_id, datetime.fromisoformat(at), Entry(currency, direction, kind), minor, sign)
        for at, currency, direction, kind, minor, sign in cells or ()
    ]
