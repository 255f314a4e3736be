"""What came of interventions that no alert began, each measured once its window is over, and kept.

Only those that drew an arm are measured: nothing else is compared with anything.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, get_args
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, Integer, Table, Text, Uuid
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.intervention.store.tables import interventions
from churn_alert.playbook.domain.playbooks import Measure
from churn_alert.proof.store.outcomes import LEFT_ALONE
from churn_alert.tables import metadata
from rapport.database import execute, fetch
from rapport.person.store import persons_of
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import part_of

intervention_outcomes = Table(
    "intervention_outcomes",
    metadata,
    Column("intervention_id", Uuid, ForeignKey("interventions.intervention_id"), primary_key=True),
    Column("measure", Text, nullable=False),
    Column("achieved", Boolean, nullable=False),
    Column("definition", Integer, nullable=False),
    Column("judged_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(f"measure IN {get_args(Measure)}", name="intervention_outcomes_measure"),
    info=entry("intervention") | part_of(interventions),
)

_BEGUN_AT = "CASE WHEN $1::boolean THEN i.opened_at ELSE greatest(i.opened_at, e.known_at) END"
# Of a customer who never did anything there is no risk, and so no partition: then all have to be that far.
_RIPE = f"""
SELECT i.intervention_id, i.customer_id, i.node, i.product,
    {_BEGUN_AT} AS begun_at
FROM interventions i JOIN intervention_events e ON e.intervention_id = i.intervention_id AND e.number = 1
    LEFT JOIN risks r ON r.customer_id = i.customer_id LEFT JOIN stream_clocks c ON c.partition = r.partition
WHERE i.alert_id IS NULL AND i.arm IS NOT NULL
    AND NOT EXISTS (SELECT FROM intervention_outcomes o WHERE o.intervention_id = i.intervention_id)
    AND {_BEGUN_AT}
        < CASE WHEN $1::boolean THEN coalesce(c.position, (SELECT min(position) FROM stream_clocks))
            ELSE $2::timestamptz END - $3::interval
    AND NOT EXISTS {LEFT_ALONE.format(customer="i.customer_id")}
    AND i.intervention_id > $5
    AND {_BEGUN_AT} >= coalesce($6::timestamptz, '-infinity') AND {_BEGUN_AT} < coalesce($7::timestamptz, 'infinity')
ORDER BY i.intervention_id LIMIT $4
"""  # noqa: S608 - our own words
_KEEP = """
INSERT INTO intervention_outcomes (intervention_id, measure, achieved, definition, judged_at)
SELECT found.intervention_id, found.measure, found.achieved, $4, $5
FROM unnest($1::uuid[], $2::text[], $3::boolean[]) AS found (intervention_id, measure, achieved)
    JOIN interventions USING (intervention_id)
ON CONFLICT DO NOTHING
"""
_USES = """
SELECT customer_id, product, first_at, last_at FROM behaviour_tallies
WHERE customer_id = ANY($1::text[]) AND product = ANY($2::text[]) AND stream <> 'automatic'
"""
_WON_BACK = """
SELECT customer_id, happened_at FROM lifecycle_transitions WHERE customer_id = ANY($1::text[]) AND previous = 'lost'
"""


class Occasion(NamedTuple):
    """An intervention whose window is over, and that nobody has measured yet."""

    intervention_id: UUID
    customer_id: str
    node: str
    product: str | None
    begun_at: datetime


class Measured(NamedTuple):
    """What came of it."""

    intervention_id: UUID
    measure: Measure
    achieved: bool


class Use(NamedTuple):
    """When somebody used a product first and last."""

    product: str
    first_at: datetime
    last_at: datetime


async def ripe_occasions(
    connection: AsyncConnection,
    window: timedelta,
    *,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
    is_stream_time: bool,
    after: UUID,
    limit: int,
) -> list[Occasion]:
    """As `outcomes.ripe` of alerts: a day after the window, by id, none of who refuses care or is restricted."""
    rows = await fetch(connection, _RIPE, is_stream_time, now, window + timedelta(days=1), limit, after, since, until)
    return [Occasion(*row) for row in rows]


async def keep_measured(
    connection: AsyncConnection, found: Sequence[Measured], *, definition: int, judged_at: datetime
) -> None:
    """Keep what was found; what was kept before stays."""
    if found:
        columns = (list(column) for column in zip(*found, strict=True))
        await execute(connection, _KEEP, *columns, definition, judged_at)


async def uses_of(
    connection: AsyncConnection, customer_ids: Collection[str], products: Collection[str]
) -> dict[str, list[Use]]:
    """How each of these files' persons used these products of their own, on any file."""
    rows, files = await _of_persons(connection, _USES, customer_ids, sorted(products))
    return {one: [Use(*row[1:]) for file in files[one] for row in rows.get(file, ())] for one in files}


async def won_back(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, list[datetime]]:
    """When each of these files' persons left the stage of the lost."""
    rows, files = await _of_persons(connection, _WON_BACK, customer_ids)
    return {one: [row[1] for file in files[one] for row in rows.get(file, ())] for one in files}


async def _of_persons(
    connection: AsyncConnection, statement: str, customer_ids: Collection[str], *values: Any
) -> tuple[dict[str, list[Any]], dict[str, tuple[str, ...]]]:
    """Rows by file, and of each of the customers all files of the person."""
    persons = await persons_of(connection, customer_ids) if customer_ids else {}
    of_file = {file: those for those in persons.values() for file in those}
    rows: dict[str, list[Any]] = {}
    for row in await fetch(connection, statement, sorted(of_file), *values) if of_file else ():
        rows.setdefault(row["customer_id"], []).append(row)
    return rows, {one: of_file[one] for one in customer_ids}
