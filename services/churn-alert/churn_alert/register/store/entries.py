"""All SQL about entries: sets of rows, one statement a batch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping, Text, any_, bindparam, func, insert, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.register.domain.entries import Change, Entry, Status
from churn_alert.register.domain.words import KINDS, Kind, Severity
from churn_alert.register.store.tables import IS_OPEN, holdings_heard, risk_entries, risk_entry_steps
from rapport.database import select_many, upsert_many
from rapport.person.store import files_of
from rapport.row_security import Sight
from rapport.sight.store import in_sight

_FIELDS = tuple(field.name for field in fields(Entry))
_COLUMNS = tuple(risk_entries.c[name] for name in _FIELDS)
_OPEN_OF = select(*_COLUMNS).where(
    risk_entries.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))),
    text(f"{IS_OPEN} AND rule_version IS NOT NULL"),
)


class Filters(NamedTuple):
    """Which entries are asked for; what is None does not matter. `due_before`: of those that are not closed."""

    kind: Kind | None = None
    cause: str | None = None
    status: Status | None = None
    severity: Severity | None = None
    owner: str | None = None
    customer_id: str | None = None
    due_before: date | None = None


async def revisions_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, int]:
    """How far the holdings of these customers are known."""
    rows = await select_many(connection, holdings_heard, sorted(customer_ids))
    return {row["customer_id"]: row["revision"] for row in rows}


async def keep_revisions(connection: AsyncConnection, revisions: Mapping[str, int]) -> None:
    """They are known so far now."""
    rows = [{"customer_id": one, "revision": revisions[one]} for one in sorted(revisions)]
    await upsert_many(connection, holdings_heard, rows, only_newer="revision")


async def open_by_rule(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[tuple[str, str], Entry]:
    """What rules have opened on these customers and is not closed, by customer and cause."""
    rows = (await connection.execute(_OPEN_OF, {"ids": sorted(customer_ids)})).mappings().all()
    return {(row["customer_id"], row["cause"]): Entry(**dict(row)) for row in rows}


async def find(connection: AsyncConnection, entry_id: UUID, *, sight: Sight) -> Entry | None:
    """One entry; None where there is none, and where it is of a customer who is not in sight."""
    statement = select(*_COLUMNS).where(risk_entries.c.entry_id == entry_id, _seen(sight))
    row = (await connection.execute(statement)).mappings().one_or_none()
    return Entry(**dict(row)) if row else None


async def hold(connection: AsyncConnection, entry_id: UUID) -> Entry | None:
    """One entry, held until the transaction ends: one that is no customer's has no other lock."""
    statement = select(*_COLUMNS).where(risk_entries.c.entry_id == entry_id).with_for_update()
    row = (await connection.execute(statement)).mappings().one_or_none()
    return Entry(**dict(row)) if row else None


async def page(
    connection: AsyncConnection, filters: Filters, *, sight: Sight, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Entry]:
    """Entries in sight, the latest opened first. Of a customer, those on all files of the person."""
    statement = select(*_COLUMNS).where(_seen(sight))
    if filters.customer_id is not None:
        files = await files_of(connection, filters.customer_id)
        statement = statement.where(risk_entries.c.customer_id.in_(files))
    for name in ("kind", "cause", "status", "severity", "owner"):
        if (wanted := getattr(filters, name)) is not None:
            statement = statement.where(risk_entries.c[name] == wanted)
    if filters.due_before is not None:
        statement = statement.where(risk_entries.c.due_on < filters.due_before, text(IS_OPEN))
    place = (risk_entries.c.opened_at, risk_entries.c.entry_id)
    if before is not None:
        statement = statement.where(tuple_(*place) < tuple_(*before))
    statement = statement.order_by(*(column.desc() for column in place)).limit(limit)
    return [Entry(**dict(row)) for row in (await connection.execute(statement)).mappings().all()]


async def count_overdue(connection: AsyncConnection, today: date) -> dict[tuple[str, ...], float]:
    """By kind, how many entries are open though their due date is over; of every kind a figure."""
    wanted = select(risk_entries.c.kind, func.count()).where(risk_entries.c.due_on < today, text(IS_OPEN))
    found: dict[tuple[str, ...], float] = {(kind,): 0 for kind in KINDS}
    for kind, count in await connection.execute(wanted.group_by(risk_entries.c.kind)):
        found[kind,] = count
    return found


def _seen(sight: Sight) -> Any:
    """What is no customer's is seen by who sees all."""
    customers = in_sight(risk_entries.c.customer_id, sight)
    return or_(risk_entries.c.customer_id.is_(None), customers) if sight.extent == "all" else customers


async def history(connection: AsyncConnection, entry_id: UUID) -> Sequence[RowMapping]:
    """An entry's steps, the first first."""
    steps = risk_entry_steps
    statement = select(steps).where(steps.c.entry_id == entry_id).order_by(steps.c.number)
    return (await connection.execute(statement)).mappings().all()


async def save(connection: AsyncConnection, changes: Sequence[Change], *, known_at: datetime) -> None:
    """Write entries as they are after these changes, and the changes; what closes is written before what opens."""
    if not changes:
        return
    latest = {one.entry_id: asdict(one) for one, _ in changes}
    rows = sorted(latest.values(), key=lambda row: row["status"] != "closed")
    for part in (
        [row for row in rows if row["status"] == "closed"],
        [row for row in rows if row["status"] != "closed"],
    ):
        await upsert_many(connection, risk_entries, part)
    await connection.execute(insert(risk_entry_steps), [_step_row(asdict(step), known_at) for _, step in changes])


def _step_row(row: dict[str, Any], known_at: datetime) -> dict[str, Any]:
    return {**row, "happened_at": row.pop("at"), "done_by": row.pop("by"), "known_at": known_at}
