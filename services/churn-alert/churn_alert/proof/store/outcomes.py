"""What came of each alert, found once its window is over and kept: a figure of last year stays what it was."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, ForeignKey, Integer, Table, Text, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.risk.store.risks import risks
from churn_alert.tables import metadata
from rapport.behaviour.active_days import ActiveDays
from rapport.database import execute, fetch
from rapport.person.store import persons_of
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import part_of

alert_outcomes = Table(
    "alert_outcomes",
    metadata,
    Column("alert_id", Uuid, ForeignKey("alerts.alert_id"), primary_key=True),
    Column("warned_on", Date, nullable=False),
    Column("gone_on", Date),
    Column("silent_days", Integer),
    Column("definition", Integer, nullable=False),
    Column("judged_at", DateTime(timezone=True), nullable=False),
    info=entry("churn-alert") | part_of(alerts),
)

# Whoever was told late could do nothing before: in wall time an alert counts from when it was known. In stream time the
# day of the data is the only one there is.
WARNED_AT = "CASE WHEN {is_stream_time} THEN a.opened_at ELSE greatest(a.opened_at, e.known_at) END"
# Nobody may conclude anything from what they do, on whichever file of the person the no or the restriction lies.
LEFT_ALONE = """
(SELECT 1 FROM risks own WHERE own.customer_id = {customer} AND (own.consent_refused OR own.is_restricted)
UNION ALL
SELECT 1 FROM merged_files mine
    JOIN merged_files survivor ON survivor.customer_id = mine.survivor AND survivor.survivor = survivor.customer_id
        AND survivor.revision = mine.revision
    JOIN merged_files other ON other.survivor = mine.survivor AND other.revision = mine.revision
    JOIN risks theirs ON theirs.customer_id = other.customer_id
WHERE mine.customer_id = {customer} AND (theirs.consent_refused OR theirs.is_restricted))
"""
_RIPE = f"""
SELECT a.alert_id, a.customer_id, {WARNED_AT.format(is_stream_time="$1::boolean")} AS warned_at
FROM alerts a JOIN alert_events e ON e.alert_id = a.alert_id AND e.number = 1
    JOIN risks r ON r.customer_id = a.customer_id LEFT JOIN stream_clocks c ON c.partition = r.partition
WHERE NOT EXISTS (SELECT FROM alert_outcomes o WHERE o.alert_id = a.alert_id)
    AND {WARNED_AT.format(is_stream_time="$1::boolean")}
        < CASE WHEN $1::boolean THEN c.position ELSE $2::timestamptz END - $3::interval
    AND NOT EXISTS {LEFT_ALONE.format(customer="a.customer_id")}
    AND a.alert_id > $5
    AND {WARNED_AT.format(is_stream_time="$1::boolean")} >= coalesce($6::timestamptz, '-infinity')
    AND {WARNED_AT.format(is_stream_time="$1::boolean")} < coalesce($7::timestamptz, 'infinity')
ORDER BY a.alert_id LIMIT $4
"""  # noqa: S608 - our own words
# Joined again: an alert whose customer was destroyed meanwhile is not there any more.
_KEEP = """
INSERT INTO alert_outcomes (alert_id, warned_on, gone_on, silent_days, definition, judged_at)
SELECT found.alert_id, found.warned_on, found.gone_on, found.silent_days, $5, $6
FROM unnest($1::uuid[], $2::date[], $3::date[], $4::integer[]) AS found (alert_id, warned_on, gone_on, silent_days)
    JOIN alerts USING (alert_id)
ON CONFLICT DO NOTHING
"""
_DAYS = select(risks.c.customer_id, risks.c.active_days_from, risks.c.active_days).where(
    risks.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))), risks.c.active_days_from.is_not(None)
)


class Ripe(NamedTuple):
    """An alert whose window is over, and that nobody has judged yet."""

    alert_id: UUID
    customer_id: str
    warned_at: datetime


class Outcome(NamedTuple):
    """When staff could first know of an alert, and the day from which the customer was gone, if it was right.

    `silent_days`: how long the customer had done nothing of their own by then; None of who never did.
    """

    alert_id: UUID
    warned_on: date
    gone_on: date | None
    silent_days: int | None


async def ripe(
    connection: AsyncConnection,
    window: timedelta,
    *,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
    is_stream_time: bool,
    after: UUID,
    limit: int,
) -> list[Ripe]:
    """Alerts nobody has judged, a day after their window is over for the customer's own clock, by id, beyond
    `after`; `since`, `until`: only those that staff could know of from the one on, and before the other.

    None of who refuses care or is restricted: what they do is not looked at while that lasts.
    """
    rows = await fetch(connection, _RIPE, is_stream_time, now, window + timedelta(days=1), limit, after, since, until)
    return [Ripe(*row) for row in rows]


async def keep_outcomes(
    connection: AsyncConnection, found: Sequence[Outcome], *, definition: int, judged_at: datetime
) -> None:
    """Keep what was found; what was kept before stays."""
    if found:
        columns = (list(column) for column in zip(*found, strict=True))
        await execute(connection, _KEEP, *columns, definition, judged_at)


async def days_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, ActiveDays]:
    """On which days each of these files' persons was active, on all files together; who never was is left out."""
    persons = await persons_of(connection, customer_ids)
    files = {file: survivor for survivor, those in persons.items() for file in those}
    rows = (await connection.execute(_DAYS, {"ids": sorted(files)})).all()
    together: dict[str, ActiveDays] = {}
    for file, first, bits in rows:
        days, survivor = ActiveDays.from_bytes(first, bits), files[file]
        together[survivor] = together[survivor].merge(days) if survivor in together else days
    return {file: together[files[file]] for file in customer_ids if files.get(file) in together}
