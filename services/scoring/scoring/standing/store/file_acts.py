"""The acts that each file was ever named in, as they were told; only grows. What holds is in `merged_files`."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import fetch
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged
from rapport.person.store import MERGED
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import own_instead
from scoring.tables import MOMENT, metadata

file_acts = Table(
    "file_acts",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("survivor", Text, nullable=False, info=own_instead()),
    Column("as_of", MOMENT, nullable=False),
    Column("known_at", MOMENT, nullable=False),
    info=entry("one-customer"),
)

# Since the first act after the last one that had the file be a person's survivor.
_MERGED = f"""
SELECT merged.survivor, (
    SELECT min(a.as_of) FROM file_acts a WHERE a.customer_id = merged.customer_id AND a.revision > coalesce((
        SELECT max(b.revision) FROM file_acts b WHERE b.customer_id = a.customer_id AND b.survivor = b.customer_id
    ), 0)
) AS since FROM {MERGED} merged WHERE merged.customer_id = $1
"""  # noqa: S608 - our own text

_AS_KNOWN = """
WITH known AS (
    SELECT DISTINCT ON (customer_id) customer_id, survivor, revision FROM file_acts WHERE known_at <= $1
    ORDER BY customer_id, revision DESC
)
SELECT own.customer_id, array_agg(file.customer_id ORDER BY file.customer_id COLLATE "C") AS files
FROM known own JOIN known file ON file.survivor = own.customer_id AND file.revision = own.revision
WHERE own.survivor = own.customer_id GROUP BY 1 HAVING count(*) > 1
"""


class MergedInto(NamedTuple):
    """The file by which a person is known. `since`: when it took over; None where that was before acts were kept."""

    survivor: str
    since: datetime | None


async def keep_acts(
    connection: AsyncConnection, told: Iterable[CustomersMerged | CustomersUnmerged], known_at: datetime
) -> None:
    """Append what these acts say of each of their files; what is known of an act stays."""
    rows = [
        {"customer_id": file, "revision": fact.revision, "survivor": person.survivor, "as_of": fact.as_of}
        | {"known_at": known_at}
        for fact in told
        for person in fact.persons
        for file in person.files
    ]
    await connection.execute(insert(file_acts).on_conflict_do_nothing(), rows)


async def merged_into(connection: AsyncConnection, customer_id: str) -> MergedInto | None:
    """Into which file this one is merged; None of who is alone or a survivor."""
    rows = await fetch(connection, _MERGED, customer_id)
    return MergedInto(*rows[0]) if rows else None


async def persons_known(connection: AsyncConnection, until: datetime) -> dict[str, tuple[str, ...]]:
    """Who was of several files as far as was known at this moment by the clock on the wall: survivor → files."""
    return {row["customer_id"]: tuple(row["files"]) for row in await fetch(connection, _AS_KNOWN, until)}
