"""All cases in figures: by priority, how its clocks ran."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback.case.domain.clocks import NAMES, ClockName
from feedback.case.domain.summary import ORDER, ClockFigures, PrioritySummary
from feedback.case.store.tables import case_clocks, cases
from rapport.row_security import ALL, Sight
from rapport.sight.store import in_sight


def _figures_of(clock: ClockName) -> list[ColumnElement[Any]]:
    is_it = case_clocks.c.clock == clock
    stopped, breached = case_clocks.c.stopped_at, case_clocks.c.breached_at
    half = func.percentile_cont(0.5).within_group(stopped - case_clocks.c.started_at)
    return [
        func.count().filter(is_it).label(f"{clock}_runs"),
        func.count(stopped).filter(is_it).label(f"{clock}_stopped"),
        func.count(breached).filter(is_it).label(f"{clock}_breached"),
        func.count(breached).filter(is_it, stopped.is_(None)).label(f"{clock}_overdue"),
        half.filter(is_it, stopped.is_not(None)).label(f"{clock}_median"),
    ]


_SUMMARY = (
    select(
        cases.c.priority,
        func.count(cases.c.case_id.distinct()).label("cases"),
        func.count(cases.c.case_id.distinct()).filter(cases.c.status != "resolved").label("unresolved"),
        *(column for clock in NAMES for column in _figures_of(clock)),
    )
    .join_from(cases, case_clocks, cases.c.case_id == case_clocks.c.case_id)
    .group_by(cases.c.priority)
)


async def summary(
    connection: AsyncConnection, *, sight: Sight = ALL, since: datetime | None = None
) -> list[PrioritySummary]:
    """One line a priority that has cases in sight, the most urgent first. `since`: only what was submitted from then
    on.
    """
    statement = _SUMMARY.where(in_sight(cases.c.customer_id, sight))
    if since is not None:
        statement = statement.where(cases.c.submitted_at >= since)
    rows = (await connection.execute(statement)).mappings()
    lines = [
        PrioritySummary(
            row["priority"], row["cases"], row["unresolved"], _figures(row, "respond"), _figures(row, "resolve")
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: ORDER.index(line.priority))


def _figures(row: Mapping[Any, Any], clock: str) -> ClockFigures:
    median: timedelta | None = row[f"{clock}_median"]
    return ClockFigures(
        row[f"{clock}_runs"], row[f"{clock}_stopped"], row[f"{clock}_breached"], row[f"{clock}_overdue"], median
    )
