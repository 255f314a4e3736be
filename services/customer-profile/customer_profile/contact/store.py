"""The contacts of each customer: what was asked, how far it is, how it was answered. Never the words, never a name."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    RowMapping,
    SmallInteger,
    Table,
    Text,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.contact.domain.contact import Contact
from customer_profile.contact.domain.policy import Kind
from customer_profile.contact.domain.templates import PlaceKind, Value, kind_of
from customer_profile.tables import metadata
from rapport.database import upsert_many
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

contacts = Table(
    "contacts",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("channels", JSONB, nullable=False),
    Column("not_before", _at),
    Column("expires_at", _at, nullable=False),
    Column("requested_at", _at, nullable=False),
    Column("due_at", _at),
    Column("state", Text, nullable=False),
    Column("channel", Text),
    Column("adapter", Text),
    Column("sent_at", _at),
    Column("attempts", Integer, nullable=False),
    Column("answered_at", _at),
    Column("reason", Text),
    Column("policy_version", Integer),
    Column("consent_version", BigInteger),
    CheckConstraint("(answered_at IS NULL) = (due_at IS NOT NULL)", name="contacts_due_until_answered"),
    CheckConstraint("(reason IS NOT NULL) = (state = 'refused')", name="contacts_refused_with_a_reason"),
    Index("contacts_due", "partition", "due_at"),
    Index("contacts_decided", "due_at", postgresql_where="state = 'decided'"),
    Index("contacts_by_time", "customer_id", "requested_at", "request_id"),
    info=entry("contact"),
)

Key = tuple[str, str]
"""Customer and request."""
_PLAIN = (
    "customer_id", "request_id", "purpose", "kind", "template", "template_version", "language", "not_before",
    "expires_at", "requested_at", "due_at", "state", "channel", "adapter", "sent_at", "attempts", "answered_at",
    "reason", "policy_version", "consent_version",
)  # fmt: skip
_READ: Mapping[PlaceKind, Any] = {"code": str, "number": Decimal, "day": date.fromisoformat}


def _contact(row: RowMapping) -> Contact:
    return Contact(
        **{name: row[name] for name in _PLAIN},
        parameters={name: _READ[kind](text) for name, (kind, text) in row["parameters"].items()},
        channels=tuple(row["channels"]),
    )


def _row(contact: Contact, partition: int) -> dict[str, Any]:
    return {
        **{name: getattr(contact, name) for name in _PLAIN},
        "partition": partition,
        "parameters": {name: _written(value) for name, value in contact.parameters.items()},
        "channels": list(contact.channels),
    }


def _written(value: Value) -> tuple[PlaceKind, str]:
    return kind_of(value), f"{value:f}" if isinstance(value, Decimal) else str(value)


async def load(connection: AsyncConnection, keys: Collection[Key]) -> dict[Key, Contact]:
    """Those of these contacts that there are."""
    wanted = select(contacts).where(tuple_(contacts.c.customer_id, contacts.c.request_id).in_(sorted(keys)))
    found = map(_contact, (await connection.execute(wanted)).mappings())
    return {(one.customer_id, one.request_id): one for one in found}


async def due(connection: AsyncConnection, customer_ids: Collection[str], *, until: datetime) -> list[Contact]:
    """All contacts of these customers that are due by then."""
    wanted = select(contacts).where(contacts.c.customer_id.in_(sorted(customer_ids)), contacts.c.due_at <= until)
    return [_contact(row) for row in (await connection.execute(wanted)).mappings()]


async def unanswered(connection: AsyncConnection, customer_ids: Collection[str]) -> list[Contact]:
    """All contacts of these customers that nobody was answered yet."""
    wanted = select(contacts).where(contacts.c.customer_id.in_(sorted(customer_ids)), contacts.c.due_at.is_not(None))
    rows = await connection.execute(wanted.order_by(contacts.c.customer_id, contacts.c.request_id))
    return [_contact(row) for row in rows.mappings()]


async def decided(connection: AsyncConnection, limit: int) -> list[Key]:
    """The next contacts that may be handed over, the longest waiting first."""
    wanted = select(contacts.c.customer_id, contacts.c.request_id).where(contacts.c.state == "decided")
    rows = await connection.execute(wanted.order_by(contacts.c.due_at).limit(limit))
    return [(row.customer_id, row.request_id) for row in rows]


async def sent_since(
    connection: AsyncConnection, customer_ids: Collection[str], since: datetime
) -> dict[tuple[str, Kind], dict[str, datetime]]:
    """When each of the customers was sent what, by kind and request."""
    columns = (contacts.c.customer_id, contacts.c.kind, contacts.c.request_id, contacts.c.sent_at)
    wanted = select(*columns).where(contacts.c.customer_id.in_(sorted(customer_ids)), contacts.c.sent_at > since)
    found: dict[tuple[str, Kind], dict[str, datetime]] = {}
    for row in await connection.execute(wanted):
        found.setdefault((row.customer_id, row.kind), {})[row.request_id] = row.sent_at
    return found


async def save(connection: AsyncConnection, changed: Iterable[tuple[Contact, int]]) -> None:
    """Write these contacts, each with its customer's partition, in one statement."""
    await upsert_many(connection, contacts, [_row(contact, partition) for contact, partition in changed])


async def delivered_to(connection: AsyncConnection, customer_ids: Collection[str]) -> list[Contact]:
    """What reached these customers, in the order it was sent."""
    wanted = select(contacts).where(contacts.c.customer_id.in_(sorted(customer_ids)), contacts.c.state == "delivered")
    rows = await connection.execute(wanted.order_by(contacts.c.sent_at, contacts.c.request_id))
    return [_contact(row) for row in rows.mappings()]


async def page(
    connection: AsyncConnection, customer_id: str, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Contact]:
    """The next contacts of a customer, in the order they were asked for."""
    place = tuple_(contacts.c.requested_at, contacts.c.request_id)
    wanted = select(contacts).where(contacts.c.customer_id == customer_id)
    if after is not None:
        wanted = wanted.where(place > after)
    rows = await connection.execute(wanted.order_by(contacts.c.requested_at, contacts.c.request_id).limit(limit))
    return [_contact(row) for row in rows.mappings()]
