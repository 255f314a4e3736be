"""Until which end of a file a table keeps a customer's rows: by the retention of its entry, unless it says so itself.

What no law asks to be kept goes when the file is archived, all else when it is destroyed. A table of a customer's that
says nothing is a fault.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import MetaData, Table

from rapport.privacy.catalogue.columns import codes_of_table
from rapport.privacy.catalogue.document import Catalogue

End = Literal["archived", "destroyed"]

_BY_RETENTION: Mapping[str, End] = {
    "relationship": "archived",
    "identification": "destroyed",
    "transaction": "destroyed",
    "decision": "destroyed",
    "complaint": "destroyed",
    "accountability": "destroyed",
}
"""Archived is a file when the first is over, destroyed when the longest is."""
_OF_NOBODY = {"while-in-use", "short"}
_KEPT, _PART, _OWN = "kept until", "part of", "of an erased file"
_CUSTOMER, _OTHER_FILE = "customer_id", "survivor"


class Kept(NamedTuple):
    """What a table has of customers. `parent`: whose row says by `customer_id` whose row it is, where its own does not.

    `until`: None of what stays.
    """

    table: Table
    until: End | None
    parent: Table | None = None

    @property
    def deletion(self) -> str:
        """A statement that takes an array of customers as $1."""
        if self.parent is None:
            return f"DELETE FROM {self.table.name} WHERE {_CUSTOMER} = ANY($1::text[])"  # noqa: S608 - our own names
        (key,) = (column.name for column in self.parent.primary_key.columns)
        of_them = f"SELECT {key} FROM {self.parent.name} WHERE {_CUSTOMER} = ANY($1::text[])"  # noqa: S608
        return f"DELETE FROM {self.table.name} WHERE {key} IN ({of_them})"  # noqa: S608


def kept_until(end: End | Literal["for ever"]) -> dict[str, str]:
    """`info=entry(…) | kept_until("destroyed")`: for a table whose entry's retention does not say it."""
    return {_KEPT: end}


def part_of(parent: Table) -> dict[str, Any]:
    """`info=entry(…) | part_of(cases)`: rows without a customer's id go with their parent's, found by its key."""
    return {_PART: parent}


def own_instead() -> dict[str, Any]:
    """Of a column that names another file of the person: once that is erased it names the row's own."""
    return {_OWN: "own"}


def kept_of_customers(tables: MetaData, catalogue: Catalogue) -> list[Kept]:
    """All tables with rows of customers, in the order in which rows can be deleted: parts before wholes."""
    found = [Kept(*one) for table in tables.sorted_tables if (one := _kept(table, catalogue)) is not None]
    return sorted(found, key=lambda one: one.parent is None)


def names_of_others(tables: MetaData) -> list[str]:
    """Statements that take an array of customers as $1: who named these names its own row's file."""
    return [
        f"UPDATE {table.name} SET {column.name} = {_CUSTOMER} WHERE {column.name} = ANY($1::text[])"  # noqa: S608
        for table in tables.sorted_tables
        for column in table.columns
        if _OWN in column.info
    ]


def without_end(tables: MetaData, catalogue: Catalogue) -> list[str]:
    """Each table that may have rows of customers and does not say until when, and each name of another file."""
    return list(_faults(tables, catalogue))


def _faults(tables: MetaData, catalogue: Catalogue) -> Iterator[str]:
    for table in tables.sorted_tables:
        names = {column.name for column in table.columns}
        if _OTHER_FILE in names and _OWN not in table.columns[_OTHER_FILE].info:
            yield f"{table.name}.{_OTHER_FILE} names another file: give it info=own_instead()"
        if _CUSTOMER in names and _until(table, catalogue) == "unsaid":
            yield f"{table.name} has a customer's id: its entries have no one retention that ends, so say kept_until(…)"
        is_of_nobody = _retentions(table, catalogue) <= _OF_NOBODY
        if _CUSTOMER not in names and not table.info.keys() & {_PART, _KEPT} and not is_of_nobody:
            yield f"{table.name} names no customer and its entry is of one: say part_of(…) or kept_until(…)"


def _kept(table: Table, catalogue: Catalogue) -> tuple[Table, End | None, Table | None] | None:
    parent = table.info.get(_PART)
    if parent is None and _CUSTOMER not in table.columns:
        return None
    until = _until(table if parent is None else parent, catalogue)
    return table, None if until in ("for ever", "unsaid") else until, parent


def _until(table: Table, catalogue: Catalogue) -> Any:
    if (own := table.info.get(_KEPT)) is not None:
        return own
    ends = {_BY_RETENTION.get(retention, "unsaid") for retention in _retentions(table, catalogue)}
    return ends.pop() if len(ends) == 1 else "unsaid"


def _retentions(table: Table, catalogue: Catalogue) -> set[str]:
    """By which what a table refers to as a whole is kept; an entry that there is not has none."""
    entries = [catalogue.by_code.get(code) for code in codes_of_table(table)]
    return {entry.retention if entry else "" for entry in entries} or {""}
