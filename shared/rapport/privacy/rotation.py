"""Both levels of keys replaced while everything reads: a page at a time, what is still to do being in the rows.

A key-encryption key is replaced by wrapping data keys anew; a data key by a new generation, under which its service
seals the customer's values anew. An older generation goes only when nobody can hold a value that it sealed.
"""

from datetime import datetime, timedelta

from sqlalchemy import Interval, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.keyring import Keyring, Owner

_COUNT_WRAPPED = text("SELECT count(*) FROM data_keys WHERE kek_version <> :version")
_WRAPPED = text(
    "SELECT customer_id, generation, wrapped FROM data_keys "
    "WHERE kek_version <> :version AND (customer_id, generation) > (:customer_id, :generation) "
    "ORDER BY customer_id, generation LIMIT :limit FOR UPDATE"
)
_REWRAP = text(
    "UPDATE data_keys SET kek_version = new.version, wrapped = new.wrapped "
    "FROM unnest(CAST(:ids AS text[]), CAST(:generations AS smallint[]), CAST(:versions AS smallint[]), "
    "CAST(:wrapped AS bytea[])) AS new(customer_id, generation, version, wrapped) "
    "WHERE data_keys.customer_id = new.customer_id AND data_keys.generation = new.generation"
)
_OLD = "FROM data_keys GROUP BY customer_id HAVING max(created_at) < :made_before"
_COUNT_OLD = text(f"SELECT count(*) FROM (SELECT customer_id {_OLD}) AS old")  # noqa: S608 - of our own words
_OLD_PAGE = text(
    "SELECT customer_id FROM data_keys WHERE customer_id > :after "
    "GROUP BY customer_id HAVING max(created_at) < :made_before ORDER BY customer_id LIMIT :limit"
)
_RETIRE = text(
    "DELETE FROM data_keys USING ("
    "SELECT DISTINCT older.customer_id, older.generation FROM data_keys AS older JOIN data_keys AS newer "
    "ON newer.customer_id = older.customer_id AND newer.generation > older.generation "
    "AND newer.created_at < now() - :grace "
    "WHERE (older.customer_id, older.generation) > (:customer_id, :generation) ORDER BY 1, 2 LIMIT :limit"
    ") AS old WHERE data_keys.customer_id = old.customer_id AND data_keys.generation = old.generation "
    "RETURNING data_keys.customer_id, data_keys.generation"
).bindparams(bindparam("grace", type_=Interval()))
BEGIN: Owner = ("", 0)


async def count_wrapped_by_others(connection: AsyncConnection, newest: int) -> int:
    """Data keys that hang on another key-encryption key than the newest."""
    return int((await connection.execute(_COUNT_WRAPPED, {"version": newest})).scalar_one())


async def rewrap(
    connection: AsyncConnection, keyring: Keyring, newest: int, *, after: Owner, limit: int
) -> list[Owner]:
    """Wrap the next data keys under the newest key-encryption key; nothing that they sealed is touched.

    Returns whose. Raises KeyUnknown when the file no longer holds the key that wrapped one, Altered for one that was
    tampered with.
    """
    place = {"customer_id": after[0], "generation": after[1], "limit": limit}
    rows = (await connection.execute(_WRAPPED, {"version": newest, **place})).all()
    if rows:
        keys = await keyring.unwrap({(row.customer_id, row.generation): row.wrapped for row in rows})
        wrapped = (await keyring.wrap(keys)).values()
        values = {
            "ids": [row.customer_id for row in rows],
            "generations": [row.generation for row in rows],
            "versions": [one.version for one in wrapped],
            "wrapped": [one.value for one in wrapped],
        }
        await connection.execute(_REWRAP, values)
    return [(row.customer_id, row.generation) for row in rows]


async def count_made_before(connection: AsyncConnection, made_before: datetime) -> int:
    """Customers whose newest data key is older than this."""
    return int((await connection.execute(_COUNT_OLD, {"made_before": made_before})).scalar_one())


async def customers_of_before(
    connection: AsyncConnection, made_before: datetime, *, after: str, limit: int
) -> list[str]:
    """The next of these customers, in order of their id."""
    values = {"made_before": made_before, "after": after, "limit": limit}
    return list((await connection.execute(_OLD_PAGE, values)).scalars())


async def retire(connection: AsyncConnection, *, grace: timedelta, after: Owner, limit: int) -> list[Owner]:
    """Forget the next generations that a newer one replaced longer ago than this; returns whose, in order.

    A page at a time: of a large bank all of them would take longer than a statement may.
    """
    values = {"grace": grace, "customer_id": after[0], "generation": after[1], "limit": limit}
    rows = await connection.execute(_RETIRE, values)
    return sorted((row.customer_id, row.generation) for row in rows)
