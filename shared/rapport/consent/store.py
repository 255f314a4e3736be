"""The table `consents`: one row a customer, replaced only by a higher revision, in whatever order they arrive.

A customer without a row has consented to nothing, and refused nothing.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import fetch, upsert_many
from rapport.events.customer_profile import ConsentChanged
from rapport.privacy.catalogue.columns import entry

_VERSIONS = "SELECT customer_id, revision FROM consents WHERE customer_id = ANY($1::text[])"
_REFUSING = (
    "SELECT customer_id FROM consents WHERE customer_id = ANY($1::text[]) "
    "AND NOT (purposes -> $2 ->> 'allowed')::boolean AND purposes -> $2 ->> 'since' IS NOT NULL"
)
_REFUSED = (
    "SELECT customer_id, array_agg(one.key) AS refused FROM consents, jsonb_each(purposes) one "
    "WHERE customer_id = ANY($1::text[]) AND NOT (one.value ->> 'allowed')::boolean "
    "AND one.value ->> 'since' IS NOT NULL GROUP BY customer_id"
)
_NARROWER = (
    "SELECT customer_id FROM consents WHERE customer_id = ANY($1::text[]) "
    "AND (purposes -> $2 ->> 'allowed')::boolean AND jsonb_typeof(purposes -> $2 -> 'data_categories') = 'array' "
    "AND NOT (purposes -> $2 -> 'data_categories') ? $3"
)


def copies(metadata: MetaData) -> Table:
    """The table on a service's own metadata; a migration of the service makes it. `purposes`: by their codes."""
    return Table(
        "consents",
        metadata,
        Column("customer_id", Text, primary_key=True),
        Column("revision", BigInteger, nullable=False),
        Column("purposes", JSONB, nullable=False),
        Column("as_of", DateTime(timezone=True), nullable=False),
        info=entry("consent"),
    )


async def keep(connection: AsyncConnection, table: Table, told: Iterable[ConsentChanged]) -> None:
    """Replace what is older than these, in one statement."""
    newest = {fact.customer_id: fact for fact in sorted(told, key=lambda fact: fact.revision)}
    rows = [
        {
            "customer_id": fact.customer_id,
            "revision": fact.revision,
            "purposes": {one.purpose: one.model_dump(mode="json", exclude={"purpose"}) for one in fact.purposes},
            "as_of": fact.as_of,
        }
        for fact in newest.values()
    ]
    await upsert_many(connection, table, rows, only_newer="revision")


async def versions_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, int]:
    """The revision known of each of these customers' consents: the stamp of what is decided on them now."""
    if not customer_ids:
        return {}
    return {row["customer_id"]: row["revision"] for row in await fetch(connection, _VERSIONS, sorted(customer_ids))}


async def refusing(connection: AsyncConnection, customer_ids: Collection[str], purpose: str) -> set[str]:
    """Those of these files on which a purpose was declined or withdrawn and is not granted since.

    A no on any file of a person is a no of the person: the caller names all of them, or adds up.
    """
    return {row["customer_id"] for row in await fetch(connection, _REFUSING, sorted(customer_ids), purpose)}


async def refused_by(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """As `refusing`, of every purpose: those of these files on which any is refused → which."""
    rows = await fetch(connection, _REFUSED, sorted(customer_ids))
    return {row["customer_id"]: frozenset(row["refused"]) for row in rows}


async def not_covering(
    connection: AsyncConnection, customer_ids: Collection[str], purpose: str, category: str
) -> set[str]:
    """Those of these files on which the consent to a purpose in force was given to words that told nothing of this
    category of data. Where no consent was given, or none told what it covers, there is nothing that could be narrower.
    """
    return {row["customer_id"] for row in await fetch(connection, _NARROWER, sorted(customer_ids), purpose, category)}
