"""One customer at a time: every writer, worker or API, first locks the rows of its customers, sorted.

The rows exist to be locked, so that two writers cannot race on state that does not exist yet, and sorted locking leaves
no cycle in which two could wait for each other.
"""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute, fetch
from rapport.messaging.partitions import partition_of
from rapport.privacy.catalogue.ending import End

_INSERT = (
    "INSERT INTO customers (customer_id, partition) SELECT * FROM unnest($1::text[], $2::smallint[]) "
    "ON CONFLICT DO NOTHING"
)
_LOCK = (
    "WITH held AS (SELECT customer_id, erased_scope FROM customers WHERE customer_id = ANY($1::text[]) "
    'ORDER BY customer_id COLLATE "C" FOR UPDATE) '
    "SELECT customer_id, erased_scope FROM held WHERE erased_scope IS NOT NULL"
)
_TRY = (
    "SELECT customer_id FROM customers WHERE customer_id = ANY($1::text[]) "
    'ORDER BY customer_id COLLATE "C" FOR UPDATE SKIP LOCKED'
)


async def lock_customers(
    connection: AsyncConnection, customer_ids: Iterable[str], *, partitions: int
) -> dict[str, End]:
    """Make missing rows and lock all of them until the transaction ends; returns those whose file has ended, and how.

    Two statements, since a statement cannot lock a row that another transaction commits after it began.
    """
    ids = sorted(set(customer_ids))
    if not ids:
        return {}
    await execute(connection, _INSERT, ids, [partition_of(i, partitions) for i in ids])
    return {row["customer_id"]: row["erased_scope"] for row in await fetch(connection, _LOCK, ids)}


async def lock_free_customers(connection: AsyncConnection, customer_ids: Iterable[str]) -> list[str]:
    """Lock those of the customers that nobody holds now; the others can wait for the next round."""
    return [row["customer_id"] for row in await fetch(connection, _TRY, sorted(set(customer_ids)))]
