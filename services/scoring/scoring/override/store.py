"""Overrides as proposed, and what was done to them: two tables that only grow, and the state follows from both."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    Uuid,
    insert,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.catalogue.columns import Sealed, entry
from rapport.privacy.catalogue.ending import part_of
from scoring.override.domain import Act, Proposal
from scoring.tables import MOMENT, metadata

overrides = Table(
    "overrides",
    metadata,
    Column("override_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Sealed("override_id"), info=entry("free-text")),
    Column("until", MOMENT, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", MOMENT, nullable=False),
    Index("overrides_by_customer", "customer_id", "override_id"),
    info=entry("override-and-appeal"),
)

acts = Table(
    "override_acts",
    metadata,
    Column("act_id", BigInteger, Identity(), primary_key=True),
    Column("override_id", Uuid, nullable=False),
    Column("act", Text, nullable=False),
    Column("done_by", Text, nullable=False),
    Column("done_at", MOMENT, nullable=False),
    Column("reason", Text),
    Column("revision", Integer),
    CheckConstraint("act IN ('approved', 'rejected', 'revoked', 'replaced')", name="override_acts_act"),
    Index("override_acts_by_override", "override_id", "act_id"),
    info=entry("override-and-appeal") | part_of(overrides),
)

# In force is what the customer's standing says is: it ends there, as of its moment, by silence.
_ALL = """
SELECT * FROM (
    SELECT o.*, coalesce(done.acts, '[]') AS acts, CASE
        WHEN done.last IS NULL THEN 'proposed'
        WHEN done.last <> 'approved' THEN done.last
        WHEN s.override_id = o.override_id THEN 'in-force'
        ELSE 'ended' END AS state
    FROM overrides o JOIN standings s USING (customer_id) LEFT JOIN LATERAL (
        SELECT (array_agg(act ORDER BY act_id DESC))[1] AS last,
            jsonb_agg(to_jsonb(a) - 'act_id' - 'override_id' ORDER BY act_id) AS acts
        FROM override_acts a WHERE a.override_id = o.override_id
    ) done ON true
) AS found
"""
_ONE = text(f"{_ALL} WHERE override_id = :override_id")
_PAGE = text(
    f"{_ALL} WHERE (CAST(:state AS text) IS NULL OR state = :state) "
    "AND (CAST(:customer_id AS text) IS NULL OR customer_id = :customer_id) "
    "AND (CAST(:before AS uuid) IS NULL OR override_id < :before) ORDER BY override_id DESC LIMIT :limit"
)
_PARTIES = select(overrides.c.proposed_by, acts.c.done_by, acts.c.revision).join(
    acts, overrides.c.override_id == acts.c.override_id
)


async def add(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    """A proposal; it never changes."""
    await connection.execute(insert(overrides).values(row))


async def find(connection: AsyncConnection, override_id: UUID) -> RowMapping | None:
    """One override with its state and what was done to it."""
    return (await connection.execute(_ONE, {"override_id": override_id})).mappings().one_or_none()


def proposal_of(row: RowMapping) -> Proposal:
    """A row as the rules take it."""
    return Proposal(**{name: row[name] for name in Proposal.__slots__})


async def page(
    connection: AsyncConnection, *, state: str | None, customer_id: str | None, before: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Overrides in this state, or of this customer, the latest first: their ids sort by time."""
    values = {"state": state, "customer_id": customer_id, "before": before, "limit": limit}
    return (await connection.execute(_PAGE, values)).mappings().all()


async def keep_act(
    connection: AsyncConnection,
    override_id: UUID,
    act: Act,
    *,
    by: str,
    at: datetime,
    reason: str | None = None,
    revision: int | None = None,
) -> None:
    """Append what somebody did; `revision`: of the decision that followed, if the tier changed by it."""
    row = {"override_id": override_id, "act": act, "done_by": by, "done_at": at, "reason": reason, "revision": revision}
    await connection.execute(insert(acts).values(row))


async def parties(
    connection: AsyncConnection, customer_id: str, *, revision: int, override_id: UUID | None
) -> set[str]:
    """Who proposed and who approved what led to this decision on a customer, and who approved this override.

    Not who proposed it: whoever finds at a review that a tier is wrong proposes another one.
    """
    concerned = (acts.c.revision == revision) | (acts.c.override_id == override_id)
    wanted = _PARTIES.where(overrides.c.customer_id == customer_id, acts.c.act == "approved", concerned)
    found = (await connection.execute(wanted)).all()
    return {row.done_by for row in found} | {row.proposed_by for row in found if row.revision == revision}
