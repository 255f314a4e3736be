"""The customers' files, with identity as ciphertext. Delivery has a table `customers` of its own, for locking."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    select,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain import IDENTITY, INDEXED, SEALED, Facts, File, Stamp
from customer_profile.tables import metadata
from rapport.database import select_many, upsert_many
from rapport.privacy.catalogue.columns import Sealed, entry

_at = DateTime(timezone=True)
_LOCKED = "C2, AES-256-GCM or SM4-GCM, as its first byte says, under the key of the customer"
_INDEX = "C2, HMAC-SHA256 under the key of look-ups"
LISTED_BY = (
    "unit", "relationship_manager", "region", "customer_class", "type", "status", "relationship", "customer_since",
    "as_of",
)  # fmt: skip
"""Columns that lists filter or sort by: each is an index with the token behind it."""
# What `relationship_of` says, so that no writer can forget it: lists filter by it.
_RELATIONSHIP = (
    "CASE WHEN status <> 'active' THEN 'exited' WHEN is_restricted THEN 'restricted' "
    "WHEN is_admitted THEN 'active' ELSE 'admission' END"
)

profiles = Table(
    "profiles",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("customer_class", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("region", Text, nullable=True),
    Column("relationship_manager", Text, nullable=True),
    Column("birth_year", SmallInteger, nullable=True),
    Column("age_band", Text, nullable=False),
    Column("gender", Text, nullable=False),
    Column("customer_since", Date, nullable=False),
    Column("refuses_automated_decisions", Boolean, nullable=False, server_default="false"),
    Column("is_admitted", Boolean, nullable=False, server_default="true"),
    Column("is_restricted", Boolean, nullable=False, server_default="false"),
    Column("relationship", Text, Computed(_RELATIONSHIP, persisted=True), nullable=False),
    *[Column(field, Sealed, nullable=True, comment=_LOCKED) for field in IDENTITY],
    *[Column(f"{field}_index", LargeBinary, nullable=True, comment=_INDEX) for field in INDEXED],
    Column("identity_faults", JSONB, nullable=False, server_default="{}"),
    Column("open_accounts", Integer, nullable=False),
    Column("corrected", JSONB, nullable=False),
    Column("recorded_at", _at, nullable=False),
    Column("recorded_id", Uuid, nullable=False),
    Column("as_of", _at, nullable=False),
    Column("due_at", _at, nullable=True),
    Column("revision", BigInteger, nullable=False),
    Column("archived_at", _at, nullable=True, info=entry("file-life")),
    *[Index(f"profiles_by_{column}", column, "customer_id") for column in LISTED_BY],
    *[Index(f"profiles_by_{field}", f"{field}_index") for field in INDEXED],
    Index("profiles_due", "partition", "due_at"),
    Index("profiles_archived", "customer_id", postgresql_where=text("archived_at IS NOT NULL")),
    info=entry("customer-relation"),
)

_FACTS = (
    "type", "unit", "region", "relationship_manager", "birth_year", "gender", "status", "customer_since",
    "refuses_automated_decisions",
)  # fmt: skip


def file_of(row: Mapping[str, Any] | RowMapping) -> File:
    """A row of the table, however it was read."""
    return File(
        customer_id=row["customer_id"],
        facts=Facts(**{name: row[name] for name in _FACTS}),
        identity={field: row[field] for field in SEALED},
        faults=row["identity_faults"],
        recorded=Stamp(row["recorded_at"], row["recorded_id"]),
        corrected={field: datetime.fromisoformat(moment) for field, moment in row["corrected"].items()},
        open_accounts=row["open_accounts"],
        customer_class=row["customer_class"],
        age_band=row["age_band"],
        as_of=row["as_of"],
        due_at=row["due_at"],
        revision=row["revision"],
        is_admitted=row["is_admitted"],
        is_restricted=row["is_restricted"],
        archived_at=row["archived_at"],
    )


def _row(file: File, partition: int) -> dict[str, Any]:
    facts = file.facts
    return {
        "customer_id": file.customer_id,
        "partition": partition,
        **{name: getattr(facts, name) for name in _FACTS},
        **file.identity,
        "identity_faults": dict(file.faults),
        "customer_class": file.customer_class,
        "age_band": file.age_band,
        "open_accounts": file.open_accounts,
        "corrected": {field: moment.isoformat() for field, moment in file.corrected.items()},
        "recorded_at": file.recorded.at,
        "recorded_id": file.recorded.id,
        "as_of": file.as_of,
        "due_at": file.due_at,
        "revision": file.revision,
        "is_admitted": file.is_admitted,
        "is_restricted": file.is_restricted,
        "archived_at": file.archived_at,
    }


async def load(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, File]:
    """The files of these customers; those without one are missing in the answer."""
    return {row["customer_id"]: file_of(row) for row in await select_many(connection, profiles, sorted(customer_ids))}


async def save(connection: AsyncConnection, files: Iterable[tuple[File, int]]) -> None:
    """Write these files, each with its customer's partition, in one statement."""
    await upsert_many(connection, profiles, [_row(file, partition) for file, partition in files])


async def found_by(connection: AsyncConnection, field: str, values: Sequence[bytes]) -> list[str]:
    """The customers whose index of this field is one of these, in order of their id."""
    wanted = select(profiles.c.customer_id).where(profiles.c[f"{field}_index"].in_(values))
    return list((await connection.execute(wanted.order_by(profiles.c.customer_id))).scalars())


async def lock_index(connection: AsyncConnection, value: bytes) -> None:
    """Wait for whoever is about to write this value, until this transaction ends."""
    await connection.execute(select(func.pg_advisory_xact_lock(int.from_bytes(value[-8:], "big", signed=True))))
