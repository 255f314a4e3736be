"""Appeals and their answers: two tables that only grow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    RowMapping,
    Select,
    Table,
    Text,
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
from scoring.appeal.domain import Appeal
from scoring.standing.store.decisions import decisions
from scoring.tables import MOMENT, metadata

appeals = Table(
    "appeals",
    metadata,
    Column("appeal_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("note", Sealed("appeal_id"), info=entry("free-text")),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", MOMENT, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Index("appeals_by_customer", "customer_id", "revision"),
    Index("appeals_by_due_time", "due_at", "appeal_id"),
    info=entry("override-and-appeal"),
)

answers = Table(
    "appeal_answers",
    metadata,
    Column("appeal_id", Uuid, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Sealed("appeal_id", of=appeals), info=entry("free-text")),
    Column("override_id", Uuid),
    Column("answered_by", Text, nullable=False),
    Column("answered_at", MOMENT, nullable=False),
    CheckConstraint("(outcome = 'changed') = (override_id IS NOT NULL)", name="appeal_answers_change"),
    info=entry("override-and-appeal") | part_of(appeals),
)

# The customer's own clock says what is overdue: in stream time the position of the partition.
_FOUND = """(
    SELECT a.*, b.outcome, b.reason, b.override_id, b.answered_by, b.answered_at, b.note AS answer_note, c.position
    FROM appeals a LEFT JOIN appeal_answers b USING (appeal_id) JOIN standings s USING (customer_id)
    LEFT JOIN stream_clocks c ON c.partition = s.partition
) AS found"""
_ONE = text("found.appeal_id = :appeal_id")
_PAGE = text(
    "(answered_at IS NOT NULL) = :is_answered AND (CAST(:due_at AS timestamptz) IS NULL "
    "OR (due_at, appeal_id) > (:due_at, CAST(:appeal_id AS uuid)))"
)


async def find_decision(connection: AsyncConnection, customer_id: str, revision: int | None) -> int | None:
    """The revision of that decision on a customer, or with None of the latest; None where it was never made."""
    wanted = select(decisions.c.revision).where(decisions.c.customer_id == customer_id)
    if revision is not None:
        wanted = wanted.where(decisions.c.revision == revision)
    found = await connection.execute(wanted.order_by(decisions.c.revision.desc()).limit(1))
    return found.scalar_one_or_none()


async def is_open(connection: AsyncConnection, customer_id: str, revision: int) -> bool:
    """Is there an appeal against that decision without an answer?"""
    wanted = select(appeals.c.appeal_id).join(answers, answers.c.appeal_id == appeals.c.appeal_id, isouter=True)
    wanted = wanted.where(
        appeals.c.customer_id == customer_id, appeals.c.revision == revision, answers.c.appeal_id.is_(None)
    )
    return (await connection.execute(wanted.limit(1))).one_or_none() is not None


async def add(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    """A new appeal; it never changes."""
    await connection.execute(insert(appeals).values(row))


async def add_answer(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    """The answer to an appeal; it never changes."""
    await connection.execute(insert(answers).values(row))


def _found(sight: Sight) -> Select[Any]:
    found: Select[Any] = select(literal_column("*")).select_from(text(_FOUND))
    return found.where(in_sight(literal_column("found.customer_id", Text), sight))


async def find(connection: AsyncConnection, appeal_id: UUID, *, sight: Sight = ALL) -> RowMapping | None:
    """One appeal with its answer, and the position of its customer's partition in stream time; None where there is
    none, and where it is of another's customer."""
    found = await connection.execute(_found(sight).where(_ONE), {"appeal_id": appeal_id})
    row: RowMapping | None = found.mappings().one_or_none()
    return row


async def page(
    connection: AsyncConnection, *, is_answered: bool, sight: Sight, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RowMapping]:
    """Appeals in sight by their due dates, the earliest first, so what is overdue comes before all else."""
    due_at, appeal_id = after or (None, None)
    values = {"is_answered": is_answered, "due_at": due_at, "appeal_id": appeal_id}
    asked = _found(sight).where(_PAGE).order_by(text("due_at"), text("appeal_id")).limit(limit)
    rows: Sequence[RowMapping] = (await connection.execute(asked, values)).mappings().all()
    return rows


def appeal_of(row: RowMapping) -> Appeal:
    """A row as the rules take it."""
    return Appeal(**{name: row[name] for name in Appeal.__slots__})
