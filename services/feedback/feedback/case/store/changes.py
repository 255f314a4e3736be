"""What a transaction writes, one statement a table, and what it must know before: sets, not rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback.case.domain.clocks import Clock
from feedback.case.domain.history import Entry
from feedback.case.domain.lifecycle import Case
from feedback.case.store.tables import case_clocks, case_events, cases
from rapport.database import upsert_many

_CASE_FIELDS = (
    "case_id", "customer_id", "channel", "kind", "rating", "language", "product", "unit", "submitted_at", "sentiment",
    "severity", "priority", "status", "run", "opened_at", "root_cause",
)  # fmt: skip
_ENTRY_FIELDS = ("case_id", "run", "happening", "happened_at", "recorded_at", "actor", "root_cause", "words")
_KNOWN = text("SELECT case_id FROM cases WHERE case_id = ANY(CAST(:ids AS uuid[]))")
_DUE = text(
    "SELECT case_id, run, clock, customer_id, started_at, deadline_at, stopped_at, breached_at FROM case_clocks "
    "WHERE customer_id = ANY(CAST(:customers AS text[])) AND due_at <= CAST(:until AS timestamptz)"
)

_CONSENT_VERSIONS = text(
    "SELECT case_id, revision FROM cases JOIN consents USING (customer_id) WHERE case_id = ANY(CAST(:ids AS uuid[]))"
)


async def known(connection: AsyncConnection, case_ids: Iterable[UUID]) -> set[UUID]:
    """Those that are cases already."""
    return set((await connection.execute(_KNOWN, {"ids": list(case_ids)})).scalars())


async def due_clocks(connection: AsyncConnection, customer_ids: Iterable[str], until: datetime) -> list[Clock]:
    """The clocks of these customers that fall due by then."""
    rows = await connection.execute(_DUE, {"customers": sorted(set(customer_ids)), "until": until})
    return [clock_of(row) for row in rows.mappings()]


def clock_of(row: RowMapping | Mapping[str, Any]) -> Clock:
    """A row of `case_clocks` as a clock."""
    return Clock(
        case_id=row["case_id"],
        customer_id=row["customer_id"],
        name=row["clock"],
        run=row["run"],
        started_at=row["started_at"],
        deadline_at=row["deadline_at"],
        stopped_at=row["stopped_at"],
        breached_at=row["breached_at"],
    )


async def add_cases(connection: AsyncConnection, opened: Sequence[tuple[Case, bytes | None]]) -> None:
    """New cases, each with what the customer said, encrypted."""
    if opened:
        rows = [{name: getattr(case, name) for name in _CASE_FIELDS} | {"text": said} for case, said in opened]
        await connection.execute(insert(cases), rows)


async def change_case(connection: AsyncConnection, case: Case) -> None:
    """Where a case stands now."""
    values = {"status": case.status, "run": case.run, "root_cause": case.root_cause}
    await connection.execute(update(cases).where(cases.c.case_id == case.case_id).values(values))


async def save_clocks(connection: AsyncConnection, clocks: Iterable[Clock], partition_of: Callable[[str], int]) -> None:
    """Clocks as they are now, new or known."""
    rows = [
        {
            "case_id": clock.case_id,
            "run": clock.run,
            "clock": clock.name,
            "customer_id": clock.customer_id,
            "partition": partition_of(clock.customer_id),
            "started_at": clock.started_at,
            "deadline_at": clock.deadline_at,
            "due_at": clock.due_at,
            "stopped_at": clock.stopped_at,
            "breached_at": clock.breached_at,
        }
        for clock in clocks
    ]
    await upsert_many(connection, case_clocks, rows)


async def append(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Lines of the history, each with what is known now of the customer's consents; their cases are there.

    A line that is there already is an error, since nothing happens twice in a run.
    """
    if not entries:
        return
    found = await connection.execute(_CONSENT_VERSIONS, {"ids": list({entry.case_id for entry in entries})})
    versions = {row.case_id: row.revision for row in found}
    rows = [
        {name: getattr(entry, name) for name in _ENTRY_FIELDS} | {"consent_version": versions.get(entry.case_id)}
        for entry in entries
    ]
    await connection.execute(insert(case_events), rows)
