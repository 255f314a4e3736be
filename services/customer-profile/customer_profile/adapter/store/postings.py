"""Whose account it is, and what was told of each posting.

No number of a core's account or customer is in it: they are tokens from the moment a record is read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.adapter.domain.postings import Number, Posting
from customer_profile.tables import metadata
from rapport.database import execute, fetch, upsert_many
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

account_holders = Table(
    "account_holders",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("customer_id", Text, nullable=True),
    Column("as_of", _at, nullable=True),
)

core_postings = Table(
    "core_postings",
    metadata,
    Column("source", Text, primary_key=True),
    Column("transaction_no", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("amount", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("balance_after", Text, nullable=True),
    Column("occurred_at", _at, nullable=False),
    Column("reverses", Text, nullable=True),
    Column("content", LargeBinary, nullable=False),
    Column("kind", Text, nullable=True),
    Index("core_postings_by_time", "source", "occurred_at"),
    Index("core_postings_by_original", "source", "reverses", postgresql_where=text("reverses IS NOT NULL")),
    info=entry("posting"),
)

_PLACE = "INSERT INTO account_holders (account_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING"
_LOCK = (
    "SELECT account_id, customer_id, as_of FROM account_holders WHERE account_id = ANY($1::text[]) "
    'ORDER BY account_id COLLATE "C" FOR UPDATE'
)
_KNOWN = (
    "SELECT p.* FROM core_postings p JOIN unnest($1::text[], $2::text[]) AS w(source, transaction_no) "
    "USING (source, transaction_no)"
)
_KEPT = [column.name for column in core_postings.columns][2:]
_KEEP = (
    "INSERT INTO core_postings SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], "
    "$6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::text[], $11::bytea[], $12::text[])"
)
_TAKEN_BACK = (
    "SELECT p.source, p.reverses FROM core_postings p JOIN unnest($1::text[], $2::text[]) AS w(source, reverses) "
    "USING (source, reverses) WHERE p.reverses IS NOT NULL"
)
Holder = tuple[datetime, str]


async def lock_accounts(connection: AsyncConnection, account_ids: Iterable[str]) -> dict[str, Holder | None]:
    """Who holds each of these accounts, whose rows are locked until the transaction ends; those missing are made.

    Customers are locked before accounts, always, and both sorted: no two transactions wait for each other.
    """
    wanted = sorted(set(account_ids))
    if not wanted:
        return {}
    await execute(connection, _PLACE, wanted)
    rows = await fetch(connection, _LOCK, wanted)
    return {name: (as_of, customer) if customer else None for name, customer, as_of in rows}


async def save_holders(connection: AsyncConnection, changed: Mapping[str, Holder]) -> None:
    """Write who holds these accounts."""
    rows = [{"account_id": name, "customer_id": who, "as_of": as_of} for name, (as_of, who) in changed.items()]
    await upsert_many(connection, account_holders, rows)


async def known_postings(connection: AsyncConnection, numbers: Collection[Number]) -> dict[Number, Posting]:
    """Those of these postings that were told."""
    if not numbers:
        return {}
    wanted = sorted(numbers)
    rows = await fetch(connection, _KNOWN, [n.source for n in wanted], [n.transaction_no for n in wanted])
    return {(number := Number(*row[:2])): Posting(number, *row[2:]) for row in map(tuple, rows)}


async def taken_back(connection: AsyncConnection, originals: Collection[Number]) -> set[Number]:
    """Those of these postings whose reversal was told."""
    if not originals:
        return set()
    wanted = sorted(originals)
    rows = await fetch(connection, _TAKEN_BACK, [n.source for n in wanted], [n.transaction_no for n in wanted])
    return {Number(*row) for row in rows}


async def save_postings(connection: AsyncConnection, told: Sequence[Posting]) -> None:
    """Keep postings that were told, for ever.

    No second word replaces one: where another transaction was first with a number (on another account, or it would
    have waited) this fails with a unique violation, and what is tried again meets that number as known.
    """
    if told:
        cells = ((*posting.number, *(getattr(posting, name) for name in _KEPT)) for posting in told)
        await execute(connection, _KEEP, *(list(column) for column in zip(*cells, strict=True)))


async def numbers_between(connection: AsyncConnection, source: str, begins: datetime, ends: datetime) -> set[Number]:
    """The postings of a core that were told and happened from `begins` on and before `ends`."""
    rows = await connection.execute(
        text(
            "SELECT transaction_no FROM core_postings "
            "WHERE source = :source AND occurred_at >= :begins AND occurred_at < :ends"
        ),
        {"source": source, "begins": begins, "ends": ends},
    )
    return {Number(source, row.transaction_no) for row in rows}


async def parked_among(connection: AsyncConnection, event_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these events that are parked."""
    if not event_ids:
        return set()
    rows = await fetch(connection, "SELECT event_id FROM parked WHERE event_id = ANY($1::uuid[])", list(event_ids))
    return {row["event_id"] for row in rows}
