"""Every value that a service keeps under its customers' keys, sealed anew under the newest generation of each.

Which columns those are, and what binds their values, the tables themselves say (`Sealed`), so that none can be
forgotten: once an older generation is gone, what was left under it is gone too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import MetaData, Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.catalogue.columns import Sealed
from rapport.privacy.encryption import Altered, CannotDecrypt
from rapport.privacy.keyring import CustomerKey, Keyring


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with such columns, and the two statements that seal them anew."""

    name: str
    columns: tuple[str, ...]
    select: TextClause
    update: TextClause

    @classmethod
    def of(cls, table: Table) -> Self | None:
        """None for a table without. Raises ValueError for one whose rows nobody says the customer of."""
        types = {column.name: column.type for column in table.columns if isinstance(column.type, Sealed)}
        if not types:
            return None
        columns, owner = tuple(types), next(iter(types.values())).of
        whose, joined = ("t", "") if owner is None else ("o", f" JOIN {owner.name} o USING ({_key_of(owner)})")
        if "customer_id" not in (table if owner is None else owner).columns:
            raise ValueError(f"{table.name} has sealed columns and no customer: name its owner, Sealed(…, of=table)")
        bound = ", ".join(_bound(types[column].row) for column in columns)
        select = (
            f"SELECT t.ctid, {whose}.customer_id, {_bound(_keys(table))}, {bound}, "  # noqa: S608 - our own
            f"{', '.join(f't.{c}' for c in columns)} "
            f"FROM {table.name} t{joined} WHERE {whose}.customer_id = ANY(CAST(:ids AS text[])) FOR UPDATE OF t"
        )
        given = "".join(f", CAST(:{c} AS bytea[])" for c in columns)
        update = (
            f"UPDATE {table.name} t SET {', '.join(f'{c} = new.{c}' for c in columns)} "  # noqa: S608 - our own
            f"FROM unnest(CAST(:rows AS tid[]){given}) AS new(row_id, {', '.join(columns)}) WHERE t.ctid = new.row_id"
        )
        return cls(table.name, columns, text(select), text(update))

    def anew(
        self, key: CustomerKey, row_key: str, bound: Sequence[str], values: Sequence[bytes | None]
    ) -> list[bytes | None]:
        """A row's values under the newest generation. Raises Altered."""
        return [
            None if value is None else self._anew(key, row_key, column, row, value)
            for column, row, value in zip(self.columns, bound, values, strict=True)
        ]

    def _anew(self, key: CustomerKey, row_key: str, column: str, row: str, value: bytes) -> bytes:
        try:
            return key.encrypt(self.name, column, key.decrypt(self.name, column, value, row=row), row=row)
        except CannotDecrypt:
            raise Altered(self.name, column, row_key) from None


def sealed_tables(metadata: MetaData) -> list[SealedTable]:
    """All of a service's. Raises ValueError as `SealedTable.of` does."""
    return [found for table in metadata.sorted_tables if (found := SealedTable.of(table)) is not None]


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _key_of(table: Table) -> str:
    return ", ".join(_keys(table))


def _bound(row: Sequence[str]) -> str:
    return f"concat_ws(':', {', '.join(f't.{name}' for name in row)})" if row else "''"


async def seal_anew(
    connection: AsyncConnection, keyring: Keyring, tables: Sequence[SealedTable], customer_ids: Sequence[str]
) -> None:
    """A new data key for each of these customers, who are locked, and every value of theirs under it.

    Raises Altered for a value that was tampered with; then nothing of this page is changed.
    """
    keys = await keyring.renew(connection, customer_ids)
    for table in tables if keys else ():
        width = len(table.columns)
        rows = [row for row in await connection.execute(table.select, {"ids": list(keys)}) if any(row[3 + width :])]
        if rows:
            anew = [table.anew(keys[row[1]], row[2], row[3 : 3 + width], row[3 + width :]) for row in rows]
            values = {c: list(sealed) for c, sealed in zip(table.columns, zip(*anew, strict=True), strict=True)}
            await connection.execute(table.update, {"rows": [row[0] for row in rows], **values})
