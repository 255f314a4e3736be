"""All SQL about leads and their history: sets of rows, one statement a batch."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping, and_, insert, not_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.abnormal.domain.leads import Lead, LeadStep, State
from churn_alert.abnormal.domain.words import Kind
from churn_alert.abnormal.store.tables import abnormal_activities, abnormal_activity_steps
from rapport.database import execute, fetch, select_many, upsert_many
from rapport.person.store import files_of
from rapport.row_security import Sight
from rapport.sight.store import in_sight

_FIELDS = tuple(field.name for field in fields(Lead))
_DONE = ("dismissed", "referred", "withdrawn")
_DUE_OF = text(
    f"SELECT {', '.join(f'a.{name}' for name in _FIELDS)} FROM abnormal_activities a "  # noqa: S608 - our own columns
    "JOIN unnest(CAST(:customers AS text[]), CAST(:moments AS timestamptz[])) AS due(customer_id, moment) "
    "ON a.customer_id = due.customer_id AND a.due_at <= due.moment ORDER BY a.due_at, a.lead_id"
)

_UNDATED = "due_at IS NULL AND overdue_at IS NULL AND state IN ('open', 'dismissal-proposed')"
_FIND_UNDATED = (
    f"SELECT lead_id, customer_id, due_on FROM abnormal_activities WHERE {_UNDATED} "  # noqa: S608 - our own words
    "AND lead_id > $1 ORDER BY lead_id LIMIT $2"
)
_DATE = """
UPDATE abnormal_activities a SET due_at = found.due_at, partition = found.partition
FROM unnest($1::uuid[], $2::timestamptz[], $3::smallint[]) AS found (lead_id, due_at, partition)
WHERE a.lead_id = found.lead_id AND a.due_at IS NULL AND a.overdue_at IS NULL
    AND a.state IN ('open', 'dismissal-proposed')
"""


class Undated(NamedTuple):
    """A lead of which something is due, and it is not known from which moment on it is overdue."""

    lead_id: UUID
    customer_id: str
    due_on: date


class Filters(NamedTuple):
    """Which leads are asked for; what is None does not matter. `due_before`, `is_overdue`: of those not done yet."""

    state: State | None = None
    kind: Kind | None = None
    rule: str | None = None
    customer_id: str | None = None
    due_before: date | None = None
    is_overdue: bool | None = None


async def find_many(connection: AsyncConnection, lead_ids: Collection[UUID]) -> dict[UUID, Lead]:
    """Those of these leads that there are."""
    rows = await select_many(connection, abnormal_activities, list(lead_ids))
    return {row["lead_id"]: Lead(**{name: row[name] for name in _FIELDS}) for row in rows}


async def true_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[UUID, Lead]:
    """What is true of these customers."""
    leads = abnormal_activities.c
    statement = select(*(leads[name] for name in _FIELDS)).where(leads.customer_id.in_(customer_ids), leads.is_true)
    rows = (await connection.execute(statement)).mappings().all()
    return {row["lead_id"]: Lead(**dict(row)) for row in rows}


async def due_of(connection: AsyncConnection, clocks: Mapping[str, datetime]) -> dict[UUID, Lead]:
    """Leads of these customers whose time had come by each customer's clock."""
    moments = {"customers": list(clocks), "moments": list(clocks.values())}
    rows = (await connection.execute(_DUE_OF, moments)).mappings().all()
    return {row["lead_id"]: Lead(**dict(row)) for row in rows}


async def undated(connection: AsyncConnection, *, after: UUID, limit: int) -> list[Undated]:
    """Those by id, beyond `after`."""
    return [Undated(*row) for row in await fetch(connection, _FIND_UNDATED, after, limit)]


async def set_due(connection: AsyncConnection, moments: Mapping[UUID, datetime], partitions: Sequence[int]) -> None:
    """Say of leads that are undated still from when on they are overdue; `partitions`: of their customers, in order."""
    if moments:
        await execute(connection, _DATE, list(moments), list(moments.values()), list(partitions))


async def find(connection: AsyncConnection, lead_id: UUID, *, sight: Sight) -> Lead | None:
    """One lead; None where there is none, and where a token for one customer asks for another's."""
    leads = abnormal_activities.c
    statement = select(*(leads[name] for name in _FIELDS))
    wanted = statement.where(leads.lead_id == lead_id, in_sight(leads.customer_id, sight))
    row = (await connection.execute(wanted)).mappings().one_or_none()
    return Lead(**dict(row)) if row else None


async def page(
    connection: AsyncConnection, filters: Filters, *, sight: Sight, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Lead]:
    """Leads in sight, the latest first. Of a customer, those on all files of the person."""
    leads = abnormal_activities.c
    statement = select(*(leads[name] for name in _FIELDS)).where(in_sight(leads.customer_id, sight))
    if filters.customer_id is not None:
        statement = statement.where(leads.customer_id.in_(await files_of(connection, filters.customer_id)))
    for name in ("state", "kind", "rule"):
        if (wanted := getattr(filters, name)) is not None:
            statement = statement.where(leads[name] == wanted)
    if filters.due_before is not None:
        statement = statement.where(leads.due_on < filters.due_before, leads.state.not_in(_DONE))
    if filters.is_overdue is not None:
        passed = and_(leads.overdue_at.is_not(None), leads.state.not_in(_DONE))
        statement = statement.where(passed if filters.is_overdue else not_(passed))
    place = (leads.detected_at, leads.lead_id)
    if before is not None:
        statement = statement.where(tuple_(*place) < tuple_(*before))
    statement = statement.order_by(*(column.desc() for column in place)).limit(limit)
    return [Lead(**dict(row)) for row in (await connection.execute(statement)).mappings().all()]


async def history(connection: AsyncConnection, lead_id: UUID) -> Sequence[RowMapping]:
    """A lead's steps, the first first."""
    steps = abnormal_activity_steps
    statement = select(steps).where(steps.c.lead_id == lead_id).order_by(steps.c.number)
    return (await connection.execute(statement)).mappings().all()


async def save(
    connection: AsyncConnection,
    leads: Mapping[UUID, Lead],
    steps: Sequence[LeadStep],
    *,
    known_at: datetime,
    partition_of: Callable[[str], int],
) -> None:
    """Write leads as they are now, and what led there."""
    rows = [asdict(lead) | {"partition": partition_of(lead.customer_id)} for lead in leads.values()]
    await upsert_many(connection, abnormal_activities, rows)
    if steps:
        lines = [_step_row(one, known_at) for one in steps]
        await connection.execute(insert(abnormal_activity_steps), lines)


def _step_row(one: LeadStep, known_at: datetime) -> dict[str, Any]:
    row = asdict(one)
    return {**row, "happened_at": row.pop("at"), "done_by": row.pop("by"), "known_at": known_at}
