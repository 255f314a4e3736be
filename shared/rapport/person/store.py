"""The table `merged_files`: of each file that an act ever touched the person it is of, replaced by a later act only.

A file without a row is a person alone. A row counts while the survivor's row is of the same act: until then the act
that took the survivor elsewhere has not been told of this file yet, and the file is alone.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import fetch, upsert_many
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged, Person
from rapport.person.grouping import OfFile, Persons
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import own_instead

S = TypeVar("S", bound=OfFile)
P = TypeVar("P", bound=Persons[Any])

_SURVIVORS = """
SELECT file.customer_id, file.survivor
FROM merged_files file JOIN merged_files own ON own.customer_id = file.survivor
    AND own.survivor = own.customer_id AND own.revision = file.revision
WHERE file.customer_id = ANY($1::text[])
"""
_FILES = """
SELECT own.customer_id AS survivor, array_agg(file.customer_id ORDER BY file.customer_id COLLATE "C") AS files
FROM merged_files own JOIN merged_files file ON file.survivor = own.customer_id AND file.revision = own.revision
WHERE own.survivor = own.customer_id
    AND own.customer_id IN (SELECT survivor FROM merged_files WHERE customer_id = ANY($1::text[]))
GROUP BY own.customer_id
"""
# A subselect and no join: of one, PostgreSQL cannot know how many rows are survivors, and walks all pairs of rows.
MERGED = (
    "(SELECT file.customer_id, file.survivor FROM merged_files file WHERE file.survivor <> file.customer_id "
    "AND file.revision = (SELECT own.revision FROM merged_files own "
    "WHERE own.customer_id = file.survivor AND own.survivor = own.customer_id))"
)
"""Rows, for any statement: each file that is merged into another now, and the survivor of its person."""


def is_customer(file: str) -> str:
    """A condition for any statement: this column names who is to be counted, listed and decided as a customer, and no
    file that is merged into another. The one rule for whatever goes over a book."""
    return f"NOT EXISTS (SELECT FROM {MERGED} merged WHERE merged.customer_id = {file})"


def copies(metadata: MetaData) -> Table:
    """The table on a service's own metadata; a migration of the service makes it."""
    return Table(
        "merged_files",
        metadata,
        Column("customer_id", Text, primary_key=True),
        Column("survivor", Text, nullable=False, info=own_instead()),
        Column("revision", BigInteger, nullable=False),
        Index("merged_files_by_survivor", "survivor"),
        info=entry("one-customer"),
    )


async def keep(connection: AsyncConnection, table: Table, told: Iterable[CustomersMerged | CustomersUnmerged]) -> None:
    """Take for each file what the latest of these acts says, if it is later than what is known; one statement."""
    rows = {
        file: {"customer_id": file, "survivor": person.survivor, "revision": fact.revision}
        for fact in sorted(told, key=lambda fact: fact.revision)
        for person in fact.persons
        for file in person.files
    }
    # In one order everywhere: two polls that take one act from two partitions wait for each other and do not lock up.
    await upsert_many(connection, table, [rows[file] for file in sorted(rows)], only_newer="revision")


async def survivors_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, str]:
    """Each of these files → the file by which its person is known: itself where it is merged with none."""
    if not customer_ids:
        return {}
    rows = await fetch(connection, _SURVIVORS, sorted(customer_ids))
    return {**{file: file for file in customer_ids}, **{row["customer_id"]: row["survivor"] for row in rows}}


async def persons_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The persons that these files are of: survivor → all files of the person, sorted, the survivor among them."""
    several = await several_of(connection, customer_ids)
    return {file: (file,) for file in set(customer_ids).difference(*several.values())} | several


async def several_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Of the persons that these files are of those of several: survivor → files. Where nobody is merged it is one look
    into an empty table."""
    if not customer_ids:
        return {}
    asked = set(customer_ids)
    rows = await fetch(connection, _FILES, sorted(asked))
    several = {row["survivor"]: tuple(row["files"]) for row in rows if len(row["files"]) > 1}
    return {survivor: files for survivor, files in several.items() if not asked.isdisjoint(files)}


async def grouped(
    connection: AsyncConnection,
    states: Mapping[str, S],
    load: Callable[[AsyncConnection, Collection[str]], Awaitable[Mapping[str, S]]],
    persons: type[P],
) -> P:
    """Who of these files is decided with which others; the others as they are now, which nobody here holds.

    Where nobody is merged it costs one look into an empty table. An event that comes on one of the others meanwhile
    asks for its person itself, so none is missed.
    """
    several = await several_of(connection, states.keys())
    if not several:
        return persons()
    beside = {file for survivor, files in several.items() if survivor in states for file in files} - states.keys()
    return persons.of(several, {**states, **(await load(connection, beside) if beside else {})})


async def files_of(connection: AsyncConnection, customer_id: str) -> tuple[str, ...]:
    """All files of the person that this file is of, sorted; itself alone where it is merged with none."""
    ((_, files),) = (await persons_of(connection, [customer_id])).items()
    return files


async def person_of_each(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Person]:
    """Each of these files → its person."""
    persons = await persons_of(connection, customer_ids)
    return {file: Person(survivor=survivor, files=files) for survivor, files in persons.items() for file in files}
