"""One engine a process, and the set-wise statements every store is written with: sets, not rows.

Every connection carries time limits, so that a lost client or a frozen worker never holds a lock for long.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Dialect, RowMapping, Select, Table, TextClause, any_, bindparam, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]


def create_engine(url: str, *, application: str, pool_size: int = 8, statement_timeout_ms: int = 2000) -> AsyncEngine:
    """An engine whose every connection has a statement time limit and notices a client that is gone.

    `application` shows in pg_stat_activity. TCP keepalive finds a dead peer in about 30 s.
    """
    return create_async_engine(
        url,
        pool_size=pool_size,
        # An overflow connection is closed as soon as it is given back: under load that is a new backend per request.
        max_overflow=0,
        pool_timeout=4,
        pool_recycle=1800,
        isolation_level="READ COMMITTED",
        connect_args={
            "timeout": 5,
            "server_settings": {
                "application_name": application,
                "statement_timeout": str(statement_timeout_ms),
                "idle_in_transaction_session_timeout": "10000",
                "client_connection_check_interval": "2000",
                "tcp_keepalives_idle": "10",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "4",
                "jit": "off",
                "timezone": "UTC",
            },
        },
    )


def _sql_type(column: Column[Any]) -> str:
    return column.type.compile(dialect=_DIALECT)


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@lru_cache(maxsize=256)
def _upsert_statement(table: Table, columns: tuple[str, ...], only_newer: str | None) -> TextClause:
    keys = [column.name for column in table.primary_key.columns]
    cells, arrays = [], []
    for name in columns:
        column = table.columns[name]
        # An array of jsonb would need a codec of its own; text arrays cast in the select need none.
        is_json = isinstance(column.type, JSONB)
        cells.append(f"CAST(new.{name} AS jsonb)" if is_json else f"new.{name}")
        arrays.append(f"CAST(:{name} AS {'text' if is_json else _sql_type(column)}[])")
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    action = f"UPDATE SET {changes}" if changes else "NOTHING"
    newer = f" WHERE {table.name}.{only_newer} < excluded.{only_newer}" if only_newer and changes else ""
    written = ", ".join(f"{table.name}.{key}" for key in keys)
    return text(  # names of our own tables and columns, never a value
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {', '.join(cells)} "  # noqa: S608
        f"FROM unnest({', '.join(arrays)}) AS new({', '.join(columns)}) "
        f"ON CONFLICT ({', '.join(keys)}) DO {action}{newer} RETURNING {written}"
    )


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
    cells = zip(*map(itemgetter(*columns), rows), strict=True)
    values: dict[str, list[Any]] = {name: list(column) for name, column in zip(columns, cells, strict=True)}
    for name in columns:
        if isinstance(table.columns[name].type, JSONB):
            values[name] = [None if cell is None else _json(cell) for cell in values[name]]
    result = await connection.execute(_upsert_statement(table, columns, only_newer), values)
    return len(result.all())


@lru_cache(maxsize=256)
def _select_statement(table: Table, key: str) -> Select[Any]:
    column = table.columns[key]
    return select(table).where(column == any_(bindparam("keys", type_=ARRAY(column.type))))


async def select_many(
    connection: AsyncConnection, table: Table, keys: Sequence[Any], *, key: str | None = None
) -> Sequence[RowMapping]:
    """The rows whose `key` column (default: the only primary key column) is in `keys`: one statement, no order."""
    if not keys:
        return []
    statement = _select_statement(table, key or next(iter(table.primary_key.columns)).name)
    found: Sequence[RowMapping] = (await connection.execute(statement, {"keys": list(keys)})).mappings().all()
    return found
