"""All cases in figures: by priority, how its clocks ran."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback.case.domain.summary import ORDER, ClockFigures, PrioritySummary

_FIGURES = """
  count(*) FILTER (WHERE k.clock = '{0}') AS {0}_runs,
  count(k.stopped_at) FILTER (WHERE k.clock = '{0}') AS {0}_stopped,
  count(k.breached_at) FILTER (WHERE k.clock = '{0}') AS {0}_breached,
  count(k.breached_at) FILTER (WHERE k.clock = '{0}' AND k.stopped_at IS NULL) AS {0}_overdue,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY k.stopped_at - k.started_at)
    FILTER (WHERE k.clock = '{0}' AND k.stopped_at IS NOT NULL) AS {0}_median
"""
_SUMMARY = text(
    "SELECT c.priority, count(DISTINCT c.case_id) AS cases, "
    "count(DISTINCT c.case_id) FILTER (WHERE c.status <> 'resolved') AS unresolved, "
    f"{_FIGURES.format('respond')}, {_FIGURES.format('resolve')} "
    "FROM cases c JOIN case_clocks k USING (case_id) "
    "WHERE CAST(:since AS timestamptz) IS NULL OR c.submitted_at >= :since GROUP BY c.priority"
)


async def summary(connection: AsyncConnection, *, since: datetime | None = None) -> list[PrioritySummary]:
    """One line a priority that has cases, the most urgent first. `since`: only what was submitted from then on."""
    rows = (await connection.execute(_SUMMARY, {"since": since})).mappings()
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
