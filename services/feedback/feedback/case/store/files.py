"""Reading: one case with its clocks and history as of one moment, and lists of cases page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback.case.domain.clocks import Clock
from feedback.case.domain.history import CaseFile, Entry
from feedback.case.domain.lifecycle import Case
from feedback.case.store.changes import clock_of
from feedback.case.store.tables import case_clocks, case_events, cases
from rapport.row_security import ALL, Sight
from rapport.sight.store import files_in_sight, in_sight

_CASE_FIELDS = tuple(field.name for field in fields(Case) if field.name != "clocks")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. Without a status it shows what is owed an answer, resolved or not."""

    statuses: Sequence[str] = ()
    priority: str | None = None
    kind: str | None = None
    customer_id: str | None = None
    is_overdue: bool | None = None


def _rows_as_json(table: Table, *order: str) -> Any:
    """All rows of a case in another table as one value, so that one statement reads one moment."""
    row = table.alias("t")
    rows = aggregate_order_by(func.to_jsonb(literal_column("t")), *(row.c[name] for name in order))
    one_case = select(func.jsonb_agg(rows, type_=JSONB)).select_from(row).where(row.c.case_id == cases.c.case_id)
    return one_case.correlate(cases).scalar_subquery()


_CLOCKS = _rows_as_json(case_clocks, "run", "clock").label("clocks")
_HISTORY = _rows_as_json(case_events, "run", "happened_at", "happening").label("history")
_FILE = select(cases, _CLOCKS, _HISTORY).where(cases.c.case_id == bindparam("case_id"))
_OVERDUE = select(case_clocks.c.case_id).where(
    case_clocks.c.breached_at.is_not(None), case_clocks.c.stopped_at.is_(None)
)


async def find(connection: AsyncConnection, case_id: UUID, *, sight: Sight = ALL) -> CaseFile | None:
    """A case with everything that happened to it; None where there is none, and where it is of another's customer."""
    asked = _FILE.where(in_sight(cases.c.customer_id, sight))
    row = (await connection.execute(asked, {"case_id": case_id})).mappings().one_or_none()
    if row is None:
        return None
    return CaseFile(_case(row), tuple(_entry(line) for line in row["history"] or ()), row["text"])


async def customer_of(connection: AsyncConnection, case_id: UUID, *, sight: Sight = ALL) -> str | None:
    """Whose case it is: the row to lock before anything is decided; None as of `find`. A case never changes its
    customer."""
    statement = select(cases.c.customer_id).where(cases.c.case_id == case_id, in_sight(cases.c.customer_id, sight))
    customer: str | None = (await connection.execute(statement)).scalar_one_or_none()
    return customer


async def page(
    connection: AsyncConnection, filters: Filters, *, sight: Sight, after: tuple[datetime, UUID] | None, limit: int
) -> list[Case]:
    """The cases in sight before `after`, the latest submission first. Of a customer those of all its person's files."""
    asked = filters.customer_id
    files = None if asked is None else await files_in_sight(connection, asked, sight)
    statement = _narrowed(select(cases, _CLOCKS).where(in_sight(cases.c.customer_id, sight)), filters, files)
    if after is not None:
        statement = statement.where(tuple_(cases.c.submitted_at, cases.c.case_id) < after)
    statement = statement.order_by(cases.c.submitted_at.desc(), cases.c.case_id.desc()).limit(limit)
    return [_case(row) for row in (await connection.execute(statement)).mappings()]


def _narrowed(statement: Select[Any], filters: Filters, files: Sequence[str] | None) -> Select[Any]:
    if filters.statuses:
        statement = statement.where(cases.c.status.in_(filters.statuses))
    else:
        statement = statement.where(cases.c.status != "recorded")
    if files is not None:
        statement = statement.where(cases.c.customer_id.in_(files))
    for name in ("priority", "kind"):
        wanted = getattr(filters, name)
        if wanted is not None:
            statement = statement.where(cases.c[name] == wanted)
    if filters.is_overdue is not None:
        is_in = cases.c.case_id.in_(_OVERDUE)
        statement = statement.where(is_in if filters.is_overdue else ~is_in)
    return statement


def _case(row: Mapping[Any, Any]) -> Case:
    clocks = tuple(_clock(line) for line in row["clocks"] or ())
    return Case(**{name: row[name] for name in _CASE_FIELDS}, clocks=clocks)


def _clock(line: Mapping[str, Any]) -> Clock:
    times = {name: _time(line[name]) for name in ("started_at", "deadline_at", "stopped_at", "breached_at")}
    return clock_of({**line, **times, "case_id": UUID(line["case_id"])})


def _entry(line: Mapping[str, Any]) -> Entry:
    happened_at, recorded_at = _time(line["happened_at"]), _time(line["recorded_at"])
    assert happened_at is not None and recorded_at is not None, "the columns are NOT NULL"
    return Entry(
        case_id=UUID(line["case_id"]),
        run=line["run"],
        happening=line["happening"],
        happened_at=happened_at,
        recorded_at=recorded_at,
        actor=line["actor"],
        root_cause=line["root_cause"],
        words=None if line["words"] is None else bytes.fromhex(line["words"].removeprefix("\\x")),
        consent_version=line["consent_version"],
    )


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
