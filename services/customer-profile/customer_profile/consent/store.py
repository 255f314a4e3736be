"""The ledger: one row an act, numbered for each customer, and who was asked. The database refuses to alter either."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    RowMapping,
    SmallInteger,
    Table,
    Text,
    Uuid,
    exists,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.consent.domain.asking import Asking
from customer_profile.consent.domain.ledger import Entry
from customer_profile.customer.store import profiles
from customer_profile.tables import metadata
from rapport.database import select_many
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

consent_acts = Table(
    "consent_acts",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("data_categories", ARRAY(Text), nullable=False),
    Column("notice_version", Integer),
    Column("notice_digest", Text),
    Column("separate_consent", SmallInteger),
    Column("is_separate", Boolean, nullable=False),
    Column("channel", Text, nullable=False),
    Column("evidence_digest", Text),
    Column("occurred_at", _at, nullable=False),
    Column("recorded_at", _at, nullable=False),
    Column("recorded_by", Text, nullable=False),
    CheckConstraint("act IN ('granted', 'declined', 'withdrawn')", name="consent_acts_act"),
    CheckConstraint("occurred_at <= recorded_at", name="consent_acts_not_in_the_future"),
    CheckConstraint("act <> 'granted' OR evidence_digest IS NOT NULL", name="consent_acts_grant_has_evidence"),
    CheckConstraint("(act = 'withdrawn') = (notice_digest IS NULL)", name="consent_acts_notice"),
    info=entry("consent"),
)

consent_askings = Table(
    "consent_askings",
    metadata,
    Column("asking_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("notice_version", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", _at, nullable=False),
    Index("consent_askings_by_customer", "customer_id", "asking_id"),
    info=entry("consent"),
)

_OF_PERSON = text("SELECT * FROM acts_of_person(:customer_id)")
_NAMES = tuple(field.name for field in fields(Entry))


def entry_of(row: RowMapping | Mapping[str, Any]) -> Entry:
    """The entry in a row that names at least all columns of the ledger."""
    cells = {name: row[name] for name in _NAMES}
    return Entry(**cells | {"data_categories": tuple(cells["data_categories"])})


async def load(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, list[Entry]]:
    """The whole ledgers of these customers, each in the order it was written; without an entry there is none."""
    return _ledgers(await select_many(connection, consent_acts, sorted(customer_ids), key="customer_id"))


async def load_person(connection: AsyncConnection, customer_id: str) -> list[list[Entry]]:
    """The ledgers of all files of the person, seen by the caller or not; without an entry there is none."""
    rows = await connection.execute(_OF_PERSON, {"customer_id": customer_id})
    return list(_ledgers(rows.mappings()).values())


def _ledgers(rows: Iterable[RowMapping | Mapping[str, Any]]) -> dict[str, list[Entry]]:
    ledgers: dict[str, list[Entry]] = {}
    for act in sorted(map(entry_of, rows), key=lambda act: act.revision):
        ledgers.setdefault(act.customer_id, []).append(act)
    return ledgers


async def append(connection: AsyncConnection, entry: Entry) -> None:
    """Write one act; its number must be free, which the customer's lock sees to."""
    await connection.execute(insert(consent_acts).values(asdict(entry)))


async def note(connection: AsyncConnection, asking: Asking) -> None:
    """Who is about to ask a customer, for what and with which words."""
    await connection.execute(insert(consent_askings).values(asdict(asking)))


async def page(
    connection: AsyncConnection, customer_id: str, *, purpose: str | None, after: int | None, limit: int
) -> list[Entry]:
    """The next acts of a customer, in the order they were recorded."""
    wanted = select(consent_acts).where(consent_acts.c.customer_id == customer_id)
    if purpose is not None:
        wanted = wanted.where(consent_acts.c.purpose == purpose)
    if after is not None:
        wanted = wanted.where(consent_acts.c.revision > after)
    rows = await connection.execute(wanted.order_by(consent_acts.c.revision).limit(limit))
    return [entry_of(row) for row in rows.mappings()]


async def customers_after(connection: AsyncConnection, after: str, limit: int) -> Sequence[str]:
    """Customers who have a ledger, in order of their token; not who is destroyed, whose acts stay as proof alone."""
    wanted = select(consent_acts.c.customer_id).where(consent_acts.c.customer_id > after, consent_acts.c.revision == 1)
    wanted = wanted.where(exists().where(profiles.c.customer_id == consent_acts.c.customer_id))
    return (await connection.execute(wanted.order_by(consent_acts.c.customer_id).limit(limit))).scalars().all()
