"""How a file is archived and destroyed: which tables are emptied of it, and how many rows of each there were."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.store import profiles
from customer_profile.tables import metadata
from rapport.database import execute
from rapport.privacy.catalogue.ending import names_of_others

Columns = Mapping[str, tuple[str, ...]]
"""Table → the columns that name a customer whose row it is."""

AT_ARCHIVING: Columns = {
    "contacts": ("customer_id",),
    "duplicate_pairs": ("file_a", "file_b"),
    "portrait_facts": ("customer_id",),
    "quality_issues": ("customer_id",),
}
"""What no law asks to be kept: how a customer was treated, and words of the services that keep them themselves."""

AT_DESTROYING: Columns = {
    **AT_ARCHIVING,
    "accounts": ("customer_id",),
    "core_postings": ("customer_id",),
    "data_keys": ("customer_id",),
    "merged_files": ("customer_id",),
    "portrait_months": ("customer_id",),
    "profiles": ("customer_id",),
}
"""All that is of a customer. Without the data key a copy of what it sealed is unreadable, wherever it lies."""

STAYS = {
    "account_holders": "two random tokens, by which a late posting of the core is known to be of nobody",
    "consent_acts": "a trail of acts by token: proof of what was allowed",
    "consent_askings": "a trail by token: who asked for which consent, and when",
    "corrections": "a trail by token; what was asked is gone with the decision",
    "customer_changes": "a trail by token: who corrected which fields, never the values",
    "duplicate_decisions": "a trail: who decided on two files, which it does not name",
    "file_steps": "the proof of the end",
    "legal_holds": "a trail by token",
    "merge_acts": "a trail by token: who was merged with whom",
    "merge_proposals": "a trail by token",
    "retention_items": "a trail by token",
    "status_steps": "a trail by token",
    "unmaskings": "a trail by token: who saw which field, never the value",
}
"""Tables that name customers and are not emptied, and why: without a file a token is a name of nobody."""

Counts = dict[str, Counter[str]]
"""By customer: rows that were deleted, by table."""


async def empty(connection: AsyncConnection, tables: Columns, customer_ids: Sequence[str]) -> Counts:
    """Delete what is of these customers from these tables, a statement a table and column."""
    counts: Counts = defaultdict(Counter)
    for table, columns in tables.items():
        for column in columns:
            deleted = await connection.execute(
                text(f"DELETE FROM {table} WHERE {column} = ANY(CAST(:ids AS text[])) RETURNING {column}"),  # noqa: S608
                {"ids": customer_ids},
            )
            for customer_id in deleted.scalars():
                counts[customer_id][table] += 1
    return counts


async def unname(connection: AsyncConnection, customer_ids: Sequence[str]) -> None:
    """Of a person that was known by one of these, who are gone, each file that is left is a person by itself."""
    for statement in names_of_others(metadata):
        await execute(connection, statement, list(customer_ids))


async def mark_archived(connection: AsyncConnection, customer_ids: Sequence[str], at: datetime) -> None:
    """From now on these files are seen by who keeps to the law alone, and fall due for nothing else."""
    await connection.execute(
        update(profiles).where(profiles.c.customer_id.in_(customer_ids)).values(archived_at=at, due_at=None)
    )
