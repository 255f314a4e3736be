"""The steward's queue: one row a file, attribute and kind of fault.

It opens and closes by the files as they stand, so whatever order records came in, the queue says the same. Of an
archived file, which is for compliance alone, it says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Table, Text, UniqueConstraint, Uuid, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.quality.domain import Issue
from customer_profile.tables import metadata
from rapport.database import execute, fetch
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)
GRACE = timedelta(days=7)
"""So long a source that said it has mended something has to tell it."""

quality_issues = Table(
    "quality_issues",
    metadata,
    Column("issue_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("attribute", Text, nullable=False),
    Column("fault", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("by", Text, nullable=True, info=entry("staff-token")),
    Column("outcome", Text, nullable=True),
    Column("note", Text, nullable=True),
    Column("first_seen_at", _at, nullable=False),
    Column("last_seen_at", _at, nullable=False),
    Column("changed_at", _at, nullable=False),
    UniqueConstraint("customer_id", "attribute", "fault", name="quality_issues_by_fault"),
    Index("quality_issues_by_state", "state", "issue_id"),
    info=entry("data-quality"),
)

_FAULTS = """
SELECT p.customer_id, f.key AS attribute, f.value AS fault, o.source
    FROM asked o JOIN profiles p USING (customer_id), jsonb_each_text(p.identity_faults) f WHERE p.archived_at IS NULL
UNION ALL SELECT p.customer_id, 'status', 'has-open-accounts', o.source
    FROM asked o JOIN profiles p USING (customer_id)
    WHERE p.status <> 'active' AND p.open_accounts > 0 AND p.archived_at IS NULL
UNION ALL SELECT p.customer_id, 'id_number', 'on-another-file', o.source
    FROM asked o JOIN profiles p USING (customer_id) LEFT JOIN merged_files m USING (customer_id)
    WHERE p.id_number_index IS NOT NULL AND p.archived_at IS NULL AND EXISTS (
        SELECT FROM profiles q LEFT JOIN merged_files n USING (customer_id) WHERE q.id_number_index = p.id_number_index
        AND coalesce(n.survivor, q.customer_id) <> coalesce(m.survivor, p.customer_id))
"""
# $1, $2: now, and before when its source must have been said to mend it for an issue to be opened again.
_OPEN = f"""
WITH asked AS ({{asked}}), faults AS ({_FAULTS})
INSERT INTO quality_issues
    (issue_id, customer_id, attribute, fault, source, state, first_seen_at, last_seen_at, changed_at)
SELECT gen_random_uuid(), customer_id, attribute, fault, source, 'open', $1, $1, $1 FROM faults
    ORDER BY customer_id, attribute, fault
ON CONFLICT ON CONSTRAINT quality_issues_by_fault DO UPDATE SET
    last_seen_at = excluded.last_seen_at,
    source = CASE WHEN excluded.source = 'book' THEN quality_issues.source ELSE excluded.source END,
    state = CASE WHEN quality_issues.state = 'resolved' THEN 'open' ELSE quality_issues.state END,
    by = CASE WHEN quality_issues.state = 'resolved' THEN NULL ELSE quality_issues.by END,
    outcome = CASE WHEN quality_issues.state = 'resolved' THEN NULL ELSE quality_issues.outcome END,
    note = CASE WHEN quality_issues.state = 'resolved' THEN NULL ELSE quality_issues.note END,
    changed_at = CASE WHEN quality_issues.state = 'resolved' THEN $1 ELSE quality_issues.changed_at END
WHERE quality_issues.state <> 'resolved' OR quality_issues.outcome <> 'fixed-at-source'
    OR quality_issues.changed_at <= $2
"""  # noqa: S608 - our own tables
_CLOSE = f"""
WITH asked AS ({{asked}}), faults AS ({_FAULTS})
UPDATE quality_issues i SET state = 'resolved', by = NULL, outcome = 'later-record', note = NULL, changed_at = $1
FROM asked o WHERE o.customer_id = i.customer_id AND i.state <> 'resolved' AND NOT EXISTS (
    SELECT FROM faults f WHERE (f.customer_id, f.attribute, f.fault) = (i.customer_id, i.attribute, i.fault))
"""  # noqa: S608 - our own tables
_THESE = "SELECT * FROM unnest(${}::text[], ${}::text[]) AS these(customer_id, source)"
_ALL = "SELECT customer_id, 'book' AS source FROM profiles WHERE archived_at IS NULL"
_STANDS = f"""
WITH asked AS (SELECT $1::text AS customer_id, '' AS source), faults AS ({_FAULTS})
SELECT EXISTS (SELECT FROM faults WHERE attribute = $2 AND fault = $3) AS stands
"""  # noqa: S608 - our own tables
_STATEMENTS = {
    "open": _OPEN.format(asked=_THESE.format(3, 4)),
    "close": _CLOSE.format(asked=_THESE.format(2, 3)),
    "open book": _OPEN.format(asked=_ALL),
    "close book": _CLOSE.format(asked=_ALL),
}


async def settle(connection: AsyncConnection, sources: Mapping[str, str], now: datetime) -> None:
    """Have the queue say what is wrong with these files now; `sources`: who spoke last of each customer."""
    if sources:
        asked = (list(sources), list(sources.values()))
        await execute(connection, _STATEMENTS["close"], now, *asked)
        await execute(connection, _STATEMENTS["open"], now, now, *asked)


async def settle_book(connection: AsyncConnection, now: datetime) -> None:
    """The same of all files: of corrections, accounts and twins no record of the customer spoke."""
    await execute(connection, _STATEMENTS["close book"], now)
    await execute(connection, _STATEMENTS["open book"], now, now - GRACE)


async def stands(connection: AsyncConnection, issue: Issue) -> bool:
    """Whether the file has this fault now."""
    rows = await fetch(connection, _STANDS, issue.customer_id, issue.attribute, issue.fault)
    return bool(rows[0]["stands"])


async def find(connection: AsyncConnection, issue_id: UUID) -> Issue | None:
    """One issue, locked until the transaction ends."""
    wanted = select(quality_issues).where(quality_issues.c.issue_id == issue_id).with_for_update()
    row = (await connection.execute(wanted)).mappings().one_or_none()
    return None if row is None else Issue(**row)


async def save(connection: AsyncConnection, issue: Issue) -> None:
    """Write one issue back."""
    columns: dict[str, Any] = asdict(issue)
    await connection.execute(update(quality_issues).where(quality_issues.c.issue_id == issue.issue_id).values(columns))


async def waiting(connection: AsyncConnection) -> dict[str, int]:
    """How many issues nobody has ended, by kind of fault."""
    not_ended = quality_issues.c.state.in_(("open", "claimed"))
    counted = (
        select(quality_issues.c.fault, func.count().label("issues")).where(not_ended).group_by(quality_issues.c.fault)
    )
    return {row.fault: row.issues for row in await connection.execute(counted)}


async def page(
    connection: AsyncConnection, *, wanted: Mapping[str, str | None], after: UUID | None, limit: int
) -> Sequence[Issue]:
    """The next issues in order of their id; `wanted`: column → the value it must have, None for any."""
    statement = select(quality_issues)
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(quality_issues.c[name] == value)
    if after is not None:
        statement = statement.where(quality_issues.c.issue_id > after)
    rows = await connection.execute(statement.order_by(quality_issues.c.issue_id).limit(limit))
    return [Issue(**row) for row in rows.mappings()]
