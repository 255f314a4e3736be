"""Interventions loaded and written as the rules take them: one query and one upsert a table and batch."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text, Uuid

from churn_alert.intervention.domain.course import Change, Intervention, Message, Step
from churn_alert.intervention.store.tables import IS_OPEN, intervention_events, intervention_steps, interventions
from rapport.database import upsert_many

_FIELDS = tuple(field.name for field in fields(Intervention) if field.name != "steps")
_ALIKE = tuple(field.name for field in fields(Step) if field.name not in {"when", "message"})
_CUSTOMERS = bindparam("ids", type_=ARRAY(Text))
_OPEN_OF = select(interventions).where(interventions.c.customer_id == any_(_CUSTOMERS), text(IS_OPEN))
_OF_REQUESTS = select(interventions).where(
    interventions.c.intervention_id.in_(
        select(intervention_steps.c.intervention_id).where(
            intervention_steps.c.request_id == any_(bindparam("requests", type_=ARRAY(Text)))
        )
    )
)
_STEPS = (
    select(intervention_steps)
    .where(intervention_steps.c.intervention_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(intervention_steps.c.intervention_id, intervention_steps.c.number)
)


async def open_of(connection: AsyncConnection, customer_ids: Collection[str]) -> list[Intervention]:
    """What is being done for these customers, in the order in which it began."""
    if not customer_ids:
        return []
    rows = (await connection.execute(_OPEN_OF, {"ids": sorted(customer_ids)})).mappings().all()
    return await _with_steps(connection, rows)


async def ids_of(connection: AsyncConnection, customer_ids: Collection[str]) -> set[UUID]:
    """All that was ever begun for these customers."""
    statement = select(interventions.c.intervention_id).where(interventions.c.customer_id == any_(_CUSTOMERS))
    return set((await connection.execute(statement, {"ids": sorted(customer_ids)})).scalars())


async def of_requests(connection: AsyncConnection, request_ids: Collection[str]) -> list[Intervention]:
    """Those by which these messages were asked for, over or not."""
    rows = (await connection.execute(_OF_REQUESTS, {"requests": sorted(request_ids)})).mappings().all()
    return await _with_steps(connection, rows)


async def of_alerts(connection: AsyncConnection, alert_ids: Collection[UUID]) -> list[Intervention]:
    """Those that these alerts began."""
    statement = select(interventions).where(interventions.c.alert_id.in_(alert_ids))
    return await _with_steps(connection, (await connection.execute(statement)).mappings().all())


async def named(
    connection: AsyncConnection, *, intervention_id: UUID | None = None, step_id: UUID | None = None
) -> Intervention | None:
    """The intervention of this id, or whose step this is; None where there is none."""
    statement = naming(intervention_id=intervention_id, step_id=step_id)
    found = await _with_steps(connection, (await connection.execute(statement)).mappings().all())
    return found[0] if found else None


def naming(*, intervention_id: UUID | None = None, step_id: UUID | None = None) -> Select[Any]:
    """By one key or the other: asked for by both at once, no index would serve."""
    of_step = select(intervention_steps.c.intervention_id).where(intervention_steps.c.step_id == step_id)
    key = intervention_id if intervention_id is not None else of_step.scalar_subquery()
    return select(interventions).where(interventions.c.intervention_id == key)


async def save(
    connection: AsyncConnection, changes: Sequence[Change], *, known_at: datetime, partition_of: Callable[[str], int]
) -> None:
    """Write interventions as they are after these changes, and the changes themselves."""
    latest = {one.after.intervention_id: one.after for one in changes}
    await upsert_many(connection, interventions, [_row(one) for one in latest.values()])
    steps = [_step_row(one, step, partition_of(one.customer_id)) for one in latest.values() for step in one.steps]
    await upsert_many(connection, intervention_steps, steps)
    await upsert_many(connection, intervention_events, [_line_row(one, known_at) for one in changes])


async def _with_steps(connection: AsyncConnection, rows: Sequence[RowMapping]) -> list[Intervention]:
    if not rows:
        return []
    ids = [row["intervention_id"] for row in rows]
    steps: dict[UUID, list[Step]] = {one: [] for one in ids}
    for row in (await connection.execute(_STEPS, {"ids": ids})).mappings():
        steps[row["intervention_id"]].append(step_of(row))
    found = [
        Intervention(**{name: row[name] for name in _FIELDS}, steps=tuple(steps[row["intervention_id"]]))
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.opened_at, one.intervention_id))


def step_of(row: RowMapping) -> Step:
    """A step as the rules take it."""
    message = row["message"]
    told = None
    if message is not None:
        told = Message(
            **message | {"channels": tuple(message["channels"]), "expires": timedelta(days=message["expires"])}
        )
    return Step(**{name: row[name] for name in _ALIKE}, when=row["taken_when"], message=told)


def _row(one: Intervention) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _FIELDS}


def _step_row(one: Intervention, step: Step, partition: int) -> dict[str, Any]:
    message = step.message
    kept = None
    if message is not None:
        names = ("template", "version", "purpose", "kind", "channels", "places")
        kept = {name: getattr(message, name) for name in names} | {"expires": message.expires / timedelta(days=1)}
    return {
        **{name: getattr(step, name) for name in _ALIKE},
        "intervention_id": one.intervention_id,
        "customer_id": one.customer_id,
        "partition": partition,
        "taken_when": step.when,
        "message": kept,
    }


def _line_row(change: Change, known_at: datetime) -> dict[str, Any]:
    line = change.line
    return {
        "intervention_id": line.intervention_id,
        "number": line.number,
        "move": line.move,
        "happened_at": line.at,
        "known_at": known_at,
        "step": line.step,
        "done_by": line.by,
        "detail": line.detail,
    }
