"""Columns refer to the catalogue: by an `info` of their own, by a name that means the same everywhere, or by their
table's `info`, in this order. A column that refers to nothing is a fault, and so is identity that is not ciphertext.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Dialect, LargeBinary, MetaData, Table
from sqlalchemy.types import TypeDecorator

from rapport.privacy.catalogue.document import Catalogue, Entry
from rapport.privacy.encryption import CannotDecrypt, version_of

_KEY = "catalogue entry"


class NotEncrypted(Exception):
    """The service must not start: it would keep identity or what people write in clear."""


class NotSealed(ValueError):
    """What was to be written is no ciphertext of ours. Says nothing of it."""


class Sealed(TypeDecorator[bytes]):
    """Ciphertext under the key of the row's customer, and nothing else: whatever else would be written is refused.

    `row`: the columns of the row that a value is bound to beside its place, joined by colons. `of`: the table that says
    whose row it is by `customer_id`, found by its primary key, where the row's own table does not.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, *row: str, of: Table | None = None) -> None:
        super().__init__()
        self.row = row
        self.of = of

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's
        """Raises NotSealed."""
        if value is not None:
            try:
                version_of(value)
            except CannotDecrypt:
                raise NotSealed("a column that holds ciphertext was given something else") from None
        return value


def entry(*codes: str) -> dict[str, tuple[str, ...]]:
    """`info=entry("free-text")`: what a column is, or a table's columns that do not say so themselves. Several: what a
    document may hold, or sums that are of more than one."""
    return {_KEY: codes}


def codes_of_table(table: Table) -> tuple[str, ...]:
    """The codes of the entries that a table refers to as a whole."""
    codes: tuple[str, ...] = table.info.get(_KEY, ())
    return codes


def codes_of(column: Column[Any], catalogue: Catalogue) -> tuple[str, ...]:
    """The codes of the entries a column refers to, whether or not there are such entries."""
    own: tuple[str, ...] | None = column.info.get(_KEY)
    named = catalogue.by_name.get(column.name)
    if own is not None or named is None:
        return own or codes_of_table(column.table)
    return (named.code,)


def entries_of(
    tables: Iterable[MetaData], catalogue: Catalogue
) -> Iterator[tuple[Column[Any], str | None, Entry | None]]:
    """Every column with each code it refers to and the entry of that code; with neither where it refers to nothing."""
    entries = catalogue.by_code
    for metadata in tables:
        for table in metadata.sorted_tables:
            for column in table.columns:
                for code in codes_of(column, catalogue) or (None,):
                    yield column, code, entries.get(code or "")


def without_entry(tables: Iterable[MetaData], catalogue: Catalogue) -> list[str]:
    """Each column that refers to nothing, or to what is not there."""
    return [
        f"{column}: {'refers to ' + code + ', which is not in' if code else 'has no entry in'} the data catalogue"
        for column, code, found in entries_of(tables, catalogue)
        if found is None
    ]


def in_clear(tables: Iterable[MetaData], catalogue: Catalogue) -> list[str]:
    """Each column of identity, of free text or of what else is encrypted that would take something else."""
    return [
        f"{column} is {found.code} and not encrypted: make its type Sealed"
        for column, _, found in entries_of(tables, catalogue)
        if found is not None and found.must_be_encrypted and not isinstance(column.type, Sealed)
    ]


def refuse_in_clear(tables: Iterable[MetaData], catalogue: Catalogue) -> None:
    """For the start of a service. Raises NotEncrypted, naming each table.column and its entry."""
    if faults := in_clear(tables, catalogue):
        raise NotEncrypted("; ".join(faults))
