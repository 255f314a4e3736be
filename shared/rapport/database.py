"""One engine a process, and the set-wise statements every store is written with: sets, not rows.

Every connection carries time limits, so that a lost client or a frozen worker never holds a lock for long.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from operator import itemgetter
from typing import Any

from asyncpg import Connection, Record
from pydantic_core import from_json, to_json
from sqlalchemy import Column, Dialect, Table, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from rapport import arrays

arrays.install()

_KEEPALIVES = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4"}
_DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]


def create_engine(url: str, *, application: str, pool_size: int = 8, statement_timeout_ms: int = 2000) -> AsyncEngine:
    """An engine whose every connection has a statement time limit and notices a client that is gone: TCP keepalive
    finds a dead peer in about 30 s. `application` shows in pg_stat_activity."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        # An overflow connection is closed as soon as it is given back: under load that is a new backend per request.
        max_overflow=0,
        pool_timeout=4,
        pool_recycle=1800,
        isolation_level="READ COMMITTED",
        # Every row of a standing has four documents: the parser of Python takes five times as long for them.
        json_deserializer=from_json,
        connect_args={
            "timeout": 5,
            "server_settings": {
                "application_name": application,
                "statement_timeout": str(statement_timeout_ms),
                "idle_in_transaction_session_timeout": "10000",
                "client_connection_check_interval": "2000",
                **_KEEPALIVES,
                "jit": "off",
                "timezone": "UTC",
            },
        },
    )


async def fetch(connection: AsyncConnection, statement: str, *values: Any) -> list[Record]:
    """Rows of a statement ($1, $2, …) in the transaction of `connection`, straight through the driver.

    For what every poll does: SQLAlchemy adds more time than PostgreSQL takes. Raises the errors of asyncpg.
    """
    driver = _driver_of(connection)
    if not driver.is_in_transaction():
        # SQLAlchemy begins its transaction with the first statement that it sees.
        await connection.exec_driver_sql("SELECT")
    return list(await driver.fetch(statement, *values))


async def execute(connection: AsyncConnection, statement: str, *values: Any) -> int:
    """As `fetch`, for a statement whose rows nobody wants; returns how many it changed, or locked."""
    driver = _driver_of(connection)
    if not driver.is_in_transaction():
        return (await connection.exec_driver_sql(statement, values)).rowcount
    status: str = await driver.execute(statement, *values)
    return int(status.rpartition(" ")[2])


def _driver_of(connection: AsyncConnection) -> Connection:
    assert connection.sync_connection is not None
    driver: Connection = connection.sync_connection.connection.driver_connection
    return driver


@asynccontextmanager
async def borrow(engine: AsyncEngine) -> AsyncIterator[Connection]:
    """A driver's connection of the pool, in no transaction: each statement is one of its own."""
    while True:
        borrowed = await engine.raw_connection()
        driver: Any = borrowed.driver_connection
        if not driver.is_closed():
            break
        borrowed.invalidate()
    try:
        yield driver
    except BaseException:
        # SQLAlchemy does not see this error, so it could not know whether the connection is still good.
        borrowed.invalidate()
        raise
    borrowed.close()


def _sql_type(column: Column[Any]) -> str:
    return column.type.compile(dialect=_DIALECT)


def _checked(table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> list[Sequence[Any]]:
    """The cells by column, as the columns' own types let them pass: the driver alone would ask none."""
    values: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, name in enumerate(columns):
        if isinstance(own := table.columns[name].type, TypeDecorator):
            values[place] = [own.process_bind_param(cell, _DIALECT) for cell in values[place]]
    return values


@lru_cache(maxsize=256)
def _upsert_statement(table: Table, columns: tuple[str, ...], only_newer: str | None) -> tuple[str, tuple[int, ...]]:
    """The statement, and which of its values are arrays of documents."""
    keys = [column.name for column in table.primary_key.columns]
    cells, arrays = [], []
    for place, name in enumerate(columns, start=1):
        column = table.columns[name]
        # An array of jsonb would need a codec of its own; text arrays cast in the select need none.
        is_json = isinstance(column.type, JSONB)
        cells.append(f"new.{name}::jsonb" if is_json else f"new.{name}")
        arrays.append(f"${place}::{'text' if is_json else _sql_type(column)}[]")
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    action = f"UPDATE SET {changes}" if changes else "NOTHING"
    newer = f" WHERE {table.name}.{only_newer} < excluded.{only_newer}" if only_newer and changes else ""
    documents = tuple(place for place, name in enumerate(columns) if isinstance(table.columns[name].type, JSONB))
    statement = (  # names of our own tables and columns, never a value
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {', '.join(cells)} "  # noqa: S608
        f"FROM unnest({', '.join(arrays)}) AS new({', '.join(columns)}) "
        f"ON CONFLICT ({', '.join(keys)}) DO {action}{newer}"
    )
    return statement, documents


async def upsert_many(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], *, only_newer: str | None = None
) -> int:
    """Insert or replace rows by primary key in one statement; returns how many were written.

    Every row names the same two or more columns (scalars or jsonb, no arrays) and no key twice. With `only_newer`
    a row replaces another only if its value in that column is higher: the rule for copies of state events.
    """
    if not rows:
        return 0
    columns = tuple(rows[0])
    return await upsert_columns(connection, table, columns, map(itemgetter(*columns), rows), only_newer=only_newer)


async def upsert_columns(
    connection: AsyncConnection,
    table: Table,
    columns: tuple[str, ...],
    rows: Iterable[tuple[Any, ...]],
    *,
    only_newer: str | None = None,
) -> int:
    """`upsert_many` for one or more rows that are tuples, each with its cells in the order of `columns`."""
    values = _checked(table, columns, rows)
    statement, documents = _upsert_statement(table, columns, only_newer)
    for place in documents:
        values[place] = [None if cell is None else to_json(cell).decode() for cell in values[place]]
    return await execute(connection, statement, *values)


@lru_cache(maxsize=256)
def _update_statement(table: Table, columns: tuple[str, ...]) -> str:
    names = (key := next(iter(table.primary_key.columns)).name, *columns)
    arrays = ", ".join(f"${place}::{_sql_type(table.columns[name])}[]" for place, name in enumerate(names, start=1))
    changes = ", ".join(f"{name} = new.{name}" for name in columns)
    return (  # names of our own tables and columns, never a value
        f"UPDATE {table.name} SET {changes} FROM unnest({arrays}) AS new({', '.join(names)}) "  # noqa: S608
        f"WHERE {table.name}.{key} = new.{key}"
    )


async def update_columns(
    connection: AsyncConnection, table: Table, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> int:
    """Set some columns (scalars) of one or more rows that are there: each tuple is the only primary key column, then
    these. Returns how many were changed. Of a wide row it costs a third of writing the whole.
    """
    names = (next(iter(table.primary_key.columns)).name, *columns)
    return await execute(connection, _update_statement(table, columns), *_checked(table, names, rows))


@lru_cache(maxsize=256)
def _select_statement(table: Table, key: str) -> str:
    names = ", ".join(column.name for column in table.columns)
    return f"SELECT {names} FROM {table.name} WHERE {key} = ANY($1::{_sql_type(table.columns[key])}[])"  # noqa: S608


async def select_many(
    connection: AsyncConnection, table: Table, keys: Sequence[Any], *, key: str | None = None
) -> list[Record]:
    """The rows whose `key` column (default: the only primary key column) is in `keys`: one statement, no order."""
    if not keys:
        return []
    statement = _select_statement(table, key or next(iter(table.primary_key.columns)).name)
    return await fetch(connection, statement, list(keys))
