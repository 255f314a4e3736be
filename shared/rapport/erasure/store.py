"""The rows of customers whose files have ended, gone from every table that has any; and the mark that is left of them.

Which tables those are, and until which end each keeps its rows, is read off the tables and the data catalogue.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute, fetch
from rapport.events.customer_profile import CustomerErased
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.ending import End, kept_of_customers, names_of_others

_MARK = (
    "UPDATE customers c SET erased_scope = e.scope, erased_rule = e.rule, erased_at = e.at "
    "FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS e(customer_id, scope, rule, at) "
    "WHERE c.customer_id = e.customer_id"
)

_UNMARK = (
    "UPDATE customers c SET erased_scope = NULL, erased_rule = NULL, erased_at = NULL "
    "FROM unnest($1::text[], $2::timestamptz[]) AS begun(customer_id, at) "
    "WHERE c.customer_id = begun.customer_id AND (c.erased_at IS NULL OR c.erased_at < begun.at) "
    "RETURNING c.customer_id"
)
_DESTROYED = "SELECT customer_id FROM customers WHERE partition = $1 AND erased_scope = 'destroyed'"
NOT_ARCHIVED = (
    "NOT EXISTS (SELECT FROM customers ended WHERE ended.customer_id = {file} AND ended.erased_scope IS NOT NULL)"
)
"""A condition for any statement, `{file}` the column that says whose row it is: nobody whose file has ended."""


async def mark(connection: AsyncConnection, ended: Iterable[CustomerErased]) -> None:
    """Note at the locks of these customers, one fact each, how far their files have ended."""
    facts = list(ended)
    columns = zip(*((one.customer_id, one.scope, one.rule, one.as_of) for one in facts), strict=True)
    if facts:
        await execute(connection, _MARK, *map(list, columns))


async def unmark(connection: AsyncConnection, begun: Mapping[str, datetime]) -> set[str]:
    """End the archives of these customers, whose relationship was told to stand then; returns whose are over. A word of
    before the archive ends none.
    """
    if not begun:
        return set()
    return {row["customer_id"] for row in await fetch(connection, _UNMARK, list(begun), list(begun.values()))}


async def destroyed_in(connection: AsyncConnection, partition: int) -> set[str]:
    """Who of a partition is destroyed: what the log still says of them builds nothing."""
    return {row["customer_id"] for row in await fetch(connection, _DESTROYED, partition)}


async def forget(
    connection: AsyncConnection, tables: Collection[MetaData], end: End, customer_ids: Collection[str]
) -> int:
    """Delete what these tables keep of these customers until this end at most; returns how many rows there were."""
    ids = sorted(customer_ids)
    if not ids:
        return 0
    ends: set[End] = {"archived"} if end == "archived" else {"archived", "destroyed"}
    parts = [one for some in tables for one in kept_of_customers(some, published()) if one.until in ends]
    gone = sum([await execute(connection, one.deletion, ids) for one in parts])
    if end == "destroyed":
        named = [statement for some in tables for statement in names_of_others(some)]
        gone += sum([await execute(connection, statement, ids) for statement in named])
    return gone
