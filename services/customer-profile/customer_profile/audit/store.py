"""What the trails say of a period: one list of acts over all of them, counted by the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.audit.domain import Counted, Daily, Refused, Unseen, Waiting

_ACTS = """
SELECT operation, detail, who, at, CASE WHEN who IS NULL THEN 'system' WHEN position(' for ' IN who) > 0 THEN 'channel'
    ELSE coalesce(e.role, 'unknown') END AS role
FROM (
    SELECT CASE WHEN refused THEN 'refused look-up' ELSE 'look-up' END AS operation, field || ', ' || purpose AS detail,
        asked_by AS who, asked_at AS at FROM look_ups
    UNION ALL SELECT CASE WHEN refused THEN 'refused unmasking' ELSE 'unmasking' END, field || ', ' || purpose,
        asked_by, asked_at FROM unmaskings
    UNION ALL SELECT 'change of a file', action, changed_by, changed_at FROM customer_changes
    UNION ALL SELECT 'consent', act, recorded_by, recorded_at FROM consent_acts
    UNION ALL SELECT 'consent', 'asked for', asked_by, asked_at FROM consent_askings
    UNION ALL SELECT 'correction', 'asked', asked_by, asked_at FROM corrections
    UNION ALL SELECT 'correction', state, decided_by, decided_at FROM corrections WHERE decided_at IS NOT NULL
    UNION ALL SELECT 'merge', 'proposed', proposed_by, proposed_at FROM merge_proposals WHERE proposed_by <> 'rapport'
    UNION ALL SELECT 'merge', CASE state WHEN 'refused' THEN state ELSE 'recommended' END, decided_by, decided_at
        FROM merge_proposals WHERE state IN ('recommended', 'adopted', 'not-adopted', 'refused')
    UNION ALL SELECT 'merge', kind, decided_by, recorded_at FROM merge_acts
    UNION ALL SELECT 'duplicate', decision, decided_by, decided_at FROM duplicate_decisions
    UNION ALL SELECT 'step of a relationship', CASE from_state WHEN to_state THEN reason ELSE to_state END,
        done_by, recorded_at FROM status_steps WHERE done_by IS NOT NULL
    UNION ALL SELECT 'contact', state, NULL, requested_at FROM contacts
    UNION ALL SELECT 'export', 'asked, ' || purpose, asked_by, asked_at FROM exports
    UNION ALL SELECT 'export', CASE state WHEN 'refused' THEN state ELSE 'approved' END, decided_by, decided_at
        FROM exports WHERE decided_at IS NOT NULL
    UNION ALL SELECT 'export', 'handed out, ' || format, taken_by, began_at FROM export_hand_outs
    UNION ALL SELECT 'hold', 'set, ' || reason, set_by, set_at FROM legal_holds
    UNION ALL SELECT 'hold', 'release asked', release_asked_by, release_asked_at FROM legal_holds
        WHERE release_asked_at IS NOT NULL
    UNION ALL SELECT 'hold', 'released', released_by, released_at FROM legal_holds WHERE released_at IS NOT NULL
    UNION ALL SELECT 'batch of files to end', 'confirmed', confirmed_by, confirmed_at FROM retention_batches
        WHERE confirmed_at IS NOT NULL
    UNION ALL SELECT 'batch of files to end', state, decided_by, decided_at FROM retention_batches
        WHERE decided_at IS NOT NULL
    UNION ALL SELECT 'issue of data quality', state, by, changed_at FROM quality_issues WHERE by IS NOT NULL
    UNION ALL SELECT 'end of a file', step, NULL, recorded_at FROM file_steps WHERE step IN ('archived', 'destroyed')
) a LEFT JOIN employees e ON e.employee_id = split_part(a.who, ' ', 2)
"""
_IN_PERIOD = "WHERE at >= :begins AND at < :ends"
_COUNTED = text(
    "SELECT operation, detail, role, count(*) AS acts, count(DISTINCT who) AS callers "  # noqa: S608 - our own words
    f"FROM ({_ACTS}) t {_IN_PERIOD} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
)
_DAILY = text(
    "SELECT operation, (at AT TIME ZONE :zone)::date AS day, count(*) AS acts "  # noqa: S608 - our own words
    f"FROM ({_ACTS}) t {_IN_PERIOD} GROUP BY 1, 2 ORDER BY 1, 2"
)
# Without customers' own copies: a channel's token names the customer, and they would be the middle that staff are
# measured by.
_UNMASKED = text(
    f"SELECT who, role, count(*) AS acts FROM ({_ACTS}) t {_IN_PERIOD} "  # noqa: S608 - our own words
    "AND operation = 'unmasking' AND role <> 'channel' GROUP BY 1, 2 ORDER BY 3 DESC, 1"
)
_UNSEEN = text(
    "SELECT e.employee_id AS subject, e.role, max(t.at) AS last_at FROM employees e "  # noqa: S608 - our own words
    f"LEFT JOIN ({_ACTS}) t ON split_part(t.who, ' ', 2) = e.employee_id AND t.at < :ends "
    "WHERE e.active GROUP BY 1, 2 HAVING max(t.at) IS NULL OR max(t.at) < :unseen_since ORDER BY 2, 1"
)
_REFUSED = text(
    "SELECT topic, field, kind, sum(records)::bigint AS records FROM refused_fields "
    "WHERE last_at >= :begins AND last_at < :ends GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
)
_CORRECTIONS = text(
    "SELECT count(*) FILTER (WHERE due_at < :ends AND (decided_at IS NULL OR decided_at >= :ends)) AS overdue, "
    "count(*) FILTER (WHERE decided_at > due_at AND decided_at >= :begins AND decided_at < :ends) AS late "
    "FROM corrections"
)
_WAITING = text(
    "SELECT b.state, count(*) AS files, min(b.proposed_at) AS oldest_at FROM retention_items i "
    "JOIN retention_batches b USING (batch_id) WHERE i.outcome IS NULL AND b.state <> 'refused' "
    "AND b.proposed_at < :ends GROUP BY 1 ORDER BY 1"
)


class Period:
    """Reads what was done from `begins` on and before `ends`; `zone`: whose days, as PostgreSQL names it."""

    def __init__(self, connection: AsyncConnection, begins: datetime, ends: datetime, zone: str) -> None:
        self._connection = connection
        self._moments = {"begins": begins, "ends": ends}
        self._zone = zone

    async def counted(self) -> list[Counted]:
        """By operation, its detail and the role of who did it."""
        return [Counted(**row) for row in await self._rows(_COUNTED, **self._moments)]

    async def daily(self) -> list[Daily]:
        """By operation and day."""
        return [Daily(**row) for row in await self._rows(_DAILY, zone=self._zone, **self._moments)]

    async def unmasked(self) -> list[tuple[str, str, int]]:
        """Who saw fields in clear, in which role, and how many; the most first."""
        return [(row["who"], row["role"], row["acts"]) for row in await self._rows(_UNMASKED, **self._moments)]

    async def unseen(self, since: datetime) -> list[Unseen]:
        """Active employees who did nothing that is noted since then."""
        return [Unseen(**row) for row in await self._rows(_UNSEEN, ends=self._moments["ends"], unseen_since=since)]

    async def refused(self) -> list[Refused]:
        """Fields refused at the door."""
        return [Refused(**row) for row in await self._rows(_REFUSED, **self._moments)]

    async def corrections(self) -> tuple[int, int]:
        """How many requests were overdue at the end, and how many were answered late."""
        (row,) = await self._rows(_CORRECTIONS, **self._moments)
        return row["overdue"], row["late"]

    async def waiting(self) -> list[Waiting]:
        """Files that were found due to end and have not."""
        return [Waiting(**row) for row in await self._rows(_WAITING, ends=self._moments["ends"])]

    async def _rows(self, statement: Any, **values: Any) -> list[Mapping[str, Any]]:
        return [dict(row) for row in (await self._connection.execute(statement, values)).mappings()]
