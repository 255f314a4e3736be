"""Leads with their history, and who read them: nothing here is ever deleted but with the customer's file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, NamedTuple, get_args
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    Uuid,
    insert,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.abnormal.domain.leads import Lead, LeadStep, Reason, State, Stepped
from churn_alert.abnormal.domain.words import Kind
from churn_alert.tables import metadata
from rapport.database import select_many, upsert_many
from rapport.person.store import files_of
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import part_of
from rapport.row_security import Sight
from rapport.sight.store import in_sight

_at = DateTime(timezone=True)

abnormal_activities = Table(
    "abnormal_activities",
    metadata,
    Column("lead_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("direction", Text),
    Column("count", Integer, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("threshold", BigInteger, info=entry("abnormal-activity")),
    Column("value", Double),
    Column("usual", Double),
    Column("normal_high", Double, info=entry("abnormal-activity")),
    Column("deviations", Double),
    Column("rules_version", Integer, nullable=False),
    Column("detected_at", _at, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_true", Boolean, nullable=False),
    Column("reason", Text),
    Column("proposed_by", Text),
    Column("decided_by", Text),
    Column("decided_at", _at, info=entry("abnormal-activity")),
    Column("revision", Integer, nullable=False),
    CheckConstraint("kind IN ('large', 'pattern', 'unusual')", name="abnormal_activities_kind"),
    CheckConstraint(f"state IN {get_args(State)}", name="abnormal_activities_state"),
    CheckConstraint(f"reason IN {get_args(Reason)}", name="abnormal_activities_reason"),
    CheckConstraint("decided_by <> proposed_by OR state <> 'dismissed'", name="abnormal_activities_two_persons"),
    Index("abnormal_activities_by_detection", "detected_at", "lead_id"),
    Index("abnormal_activities_by_customer", "customer_id", "detected_at"),
    info=entry("abnormal-activity"),
)

abnormal_activity_steps = Table(
    "abnormal_activity_steps",
    metadata,
    Column("lead_id", Uuid, ForeignKey("abnormal_activities.lead_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("step", Text, nullable=False),
    Column("happened_at", _at, nullable=False),
    Column("known_at", _at, nullable=False),
    Column("count", Integer, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("done_by", Text),
    Column("reason", Text),
    info=entry("abnormal-activity") | part_of(abnormal_activities),
)

_FIELDS = tuple(field.name for field in fields(Lead))
_DONE = ("dismissed", "referred", "withdrawn")


class Filters(NamedTuple):
    """Which leads are asked for; what is None does not matter. `due_before`: of those that are not done yet."""

    state: State | None = None
    kind: Kind | None = None
    rule: str | None = None
    customer_id: str | None = None
    due_before: date | None = None


async def find_many(connection: AsyncConnection, lead_ids: Collection[UUID]) -> dict[UUID, Lead]:
    """Those of these leads that there are."""
    rows = await select_many(connection, abnormal_activities, list(lead_ids))
    return {row["lead_id"]: Lead(**{name: row[name] for name in _FIELDS}) for row in rows}


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
    connection: AsyncConnection, leads: Mapping[UUID, Lead], steps: Sequence[LeadStep], *, known_at: datetime
) -> None:
    """Write leads as they are now, and what led there."""
    await upsert_many(connection, abnormal_activities, [asdict(lead) for lead in leads.values()])
    if steps:
        rows = [_step_row(one, known_at) for one in steps]
        await connection.execute(insert(abnormal_activity_steps), rows)


async def save_one(connection: AsyncConnection, stepped: Stepped, *, known_at: datetime) -> Lead:
    """Write what somebody did with a lead."""
    lead, step = stepped
    await save(connection, {lead.lead_id: lead}, [step], known_at=known_at)
    return lead


def _step_row(one: LeadStep, known_at: datetime) -> dict[str, Any]:
    row = asdict(one)
    return {**row, "happened_at": row.pop("at"), "done_by": row.pop("by"), "known_at": known_at}
