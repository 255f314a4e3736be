"""Overrides as proposed, and what was done to them: two tables that only grow, and the state follows from both."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Identity,
    Index,
    Integer,
    RowMapping,
    Select,
    Table,
    Text,
    TextClause,
    Uuid,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.catalogue.columns import Sealed, entry
from rapport.privacy.catalogue.ending import part_of
from rapport.row_security import ALL, Sight
from rapport.sight.store import in_sight
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
_FOUND = """(
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
) AS found"""
_ONE = text("found.override_id = :override_id")
_IN_STATE = text("(CAST(:state AS text) IS NULL OR found.state = :state)")
_OF_CUSTOMER = text("found.customer_id = :customer_id")
_BEFORE = text("(CAST(:before AS uuid) IS NULL OR found.override_id < :before)")
_PARTIES = select(overrides.c.proposed_by, acts.c.done_by, acts.c.revision).join(
    acts, overrides.c.override_id == acts.c.override_id
)


async def add(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    """A proposal; it never changes."""
    await connection.execute(insert(overrides).values(row))


def _found(*conditions: ColumnElement[bool] | TextClause) -> Select[Any]:
    return select(literal_column("*")).select_from(text(_FOUND)).where(*conditions)


def _seen(sight: Sight) -> ColumnElement[bool]:
    return in_sight(literal_column("found.customer_id", Text), sight)


async def find(connection: AsyncConnection, override_id: UUID, *, sight: Sight = ALL) -> RowMapping | None:
    """One override with its state and what was done to it; None where there is none, and where it is of another's
    customer."""
    asked = _found(_ONE, _seen(sight))
    row: RowMapping | None = (await connection.execute(asked, {"override_id": override_id})).mappings().one_or_none()
    return row


def proposal_of(row: RowMapping) -> Proposal:
    """A row as the rules take it."""
    return Proposal(**{name: row[name] for name in Proposal.__slots__})


async def page(
    connection: AsyncConnection, *, state: str | None, sight: Sight, before: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Overrides in sight in this state, the latest first: their ids sort by time."""
    return await _page(connection, _found(_IN_STATE, _seen(sight)), {"state": state}, before, limit)


async def page_of_customer(
    connection: AsyncConnection, customer_id: str, *, before: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Overrides of this customer, the latest first."""
    return await _page(connection, _found(_OF_CUSTOMER), {"customer_id": customer_id}, before, limit)


async def _page(
    connection: AsyncConnection, asked: Select[Any], values: Mapping[str, Any], before: UUID | None, limit: int
) -> Sequence[RowMapping]:
    latest = asked.where(_BEFORE).order_by(text("override_id DESC")).limit(limit)
    rows: Sequence[RowMapping] = (await connection.execute(latest, {**values, "before": before})).mappings().all()
    return rows


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
