"""What is judged, each once its window is over: which rows are ripe, and where what came of them is kept.

Alerts, interventions that no alert began, and warnings of the recency rule: one rule for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alert_events, alerts
from churn_alert.intervention.store.tables import intervention_events, interventions
from churn_alert.proof.store.outcomes import alert_outcomes, intervention_outcomes, recency_outcomes, recency_warnings
from rapport.database import execute, fetch

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
# Of a customer who never did anything there is no risk, and so no partition: then all have to be that far. Who is left
# alone is asked of the page alone: of every row, judged or not, it took seconds of a hundred thousand alerts.
_RIPE = """
SELECT page.*, EXISTS {left_alone} AS is_left_alone FROM (
SELECT a.{key}, a.customer_id, {counts_from} AS counts_from{asked}
FROM {begun} a{history} LEFT JOIN risks r ON r.customer_id = a.customer_id
    LEFT JOIN stream_clocks c ON c.partition = r.partition
WHERE {only} AND NOT EXISTS (SELECT FROM {outcomes} o WHERE o.{key} = a.{key})
    AND {counts_from}
        < CASE WHEN $1::boolean THEN coalesce(c.position, (SELECT min(position) FROM stream_clocks))
            ELSE $2::timestamptz END - $3::interval
    AND a.{key} > $5
    AND {counts_from} >= coalesce($6::timestamptz, '-infinity')
    AND {counts_from} < coalesce($7::timestamptz, 'infinity')
ORDER BY a.{key} LIMIT $4
) AS page ORDER BY page.{key}
"""
# Joined again: what began is not there any more where its customer was destroyed meanwhile.
_KEEP = """
INSERT INTO {outcomes} ({key}, {names}, definition, judged_at)
SELECT {key}, {names}, $1, $2 FROM unnest({columns}) AS found ({key}, {names}) JOIN {begun} USING ({key})
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of what is judged. `begun`: its table; `outcomes`: that of what came of it, named by the same key.

    `history`: whose first line says when a row of it was known; None where nobody is told. `asked`: what else of a row
    it is judged by. `only`: a condition on the rows, named `a`.
    """

    begun: Table
    outcomes: Table
    history: Table | None = None
    asked: tuple[str, ...] = ()
    only: str = "true"

    @property
    def key(self) -> str:
        """The column by which a row is named."""
        (column,) = self.begun.primary_key.columns
        return column.name

    @property
    def ripe(self) -> str:
        """A statement: rows nobody has judged whose window is over."""
        is_known = self.history is not None
        joined = f" JOIN {self.history} e ON e.{self.key} = a.{self.key} AND e.number = 1" if is_known else ""
        return _RIPE.format(
            key=self.key,
            begun=self.begun.name,
            outcomes=self.outcomes.name,
            history=joined,
            counts_from=WARNED_AT.format(is_stream_time="$1::boolean") if is_known else "a.opened_at",
            asked="".join(f", a.{name}" for name in self.asked),
            only=self.only,
            left_alone=LEFT_ALONE.format(customer="page.customer_id"),
        )

    @property
    def keeping(self) -> str:
        """A statement: put what was found beside its row; what was kept before stays."""
        own = [one for one in self.outcomes.columns if one.name not in {self.key, "definition", "judged_at"}]
        types = [one.type.compile(dialect=_DIALECT) for one in (self.outcomes.c[self.key], *own)]
        return _KEEP.format(
            key=self.key,
            begun=self.begun.name,
            outcomes=self.outcomes.name,
            names=", ".join(one.name for one in own),
            columns=", ".join(f"${place}::{kind}[]" for place, kind in enumerate(types, 3)),
        )


_DIALECT = dialect()  # type: ignore[no-untyped-call]
ALERTS = Kind(alerts, alert_outcomes, alert_events)
OCCASIONS = Kind(
    interventions,
    intervention_outcomes,
    intervention_events,
    asked=("node", "product"),
    # Only those that drew an arm: nothing else is compared with anything.
    only="a.alert_id IS NULL AND a.arm IS NOT NULL",
)
RECENCY = Kind(recency_warnings, recency_outcomes, asked=("after_days",))


class Ripe(NamedTuple):
    """What is to be judged. `of`: what its kind asks of it, in that order. `is_left_alone`: nobody may look at what the
    customer does, who refuses care or is restricted, while that lasts.
    """

    key: UUID
    customer_id: str
    begun_at: datetime
    of: tuple[Any, ...]
    is_left_alone: bool


async def ripe(
    connection: AsyncConnection,
    kind: Kind,
    window: timedelta,
    *,
    between: tuple[datetime | None, datetime | None],
    now: datetime,
    is_stream_time: bool,
    after: UUID,
    limit: int,
) -> list[Ripe]:
    """What nobody has judged, a day after its window is over for the customer's own clock, by key, beyond `after`;
    `between`: only what could be known from the one on, and before the other.
    """
    rows = await fetch(connection, kind.ripe, is_stream_time, now, window + timedelta(days=1), limit, after, *between)
    return [Ripe(row[0], row[1], row[2], tuple(row)[3:-1], row[-1]) for row in rows]


async def keep(
    connection: AsyncConnection,
    kind: Kind,
    found: Sequence[tuple[Any, ...]],
    *,
    definition: int,
    judged_at: datetime,
) -> None:
    """Keep what came of each: its key, then the columns of the outcomes in their order."""
    if found:
        columns = (list(column) for column in zip(*found, strict=True))
        await execute(connection, kind.keeping, definition, judged_at, *columns)
