"""What is asked of risks over REST: a state is read in one statement, so it is of one moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, and_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.persons import added
from churn_alert.risk.store.risks import STATE, load, risk_of, risks
from churn_alert.risk.store.told_to import is_told
from rapport.person.store import is_customer, persons_of
from rapport.row_security import Sight
from rapport.sight.store import in_sight

_FIND = text(
    f"""
    SELECT {", ".join(f"r.{column.name}" for column in STATE)}, l.lag, l.known_at, c.position
    FROM risks r LEFT JOIN stream_clocks c ON c.partition = r.partition CROSS JOIN LATERAL (
        SELECT coalesce(sum(greatest(o.log_end_offset - o.next_offset, 0)), 0)::bigint AS lag,
            min(o.advanced_at) AS known_at
        FROM consumer_offsets o WHERE o.topic = ANY(CAST(:topics AS text[])) AND o.partition = r.partition
    ) l WHERE r.customer_id = :customer_id
    """  # noqa: S608 - the names of our own columns
)
_SHOWN = (
    "customer_id",
    "probability",
    "is_raised",
    "level_since",
    "decided_at",
    "due_at",
    "consent_refused",
    "is_restricted",
)
_LISTED = (
    select(*(risks.c[name] for name in _SHOWN))
    .where(text(is_customer("risks.customer_id")))
    .order_by(risks.c.customer_id)
)


class Seen(NamedTuple):
    """A risk as found, and how far behind Kafka its partition is.

    `lag`: records of its topics not handled when the worker last looked, at `lag_known_at`. `position`: stream time.
    """

    risk: Risk
    lag: int
    lag_known_at: datetime | None
    position: datetime | None
    files: tuple[str, ...] = ()
    """All files of the customer, whose risk is that of the survivor."""


async def find(connection: AsyncConnection, customer_id: str, topics: Sequence[str]) -> Seen | None:
    """One customer's risk; of a file that was merged it is the person's, on the sum over the files."""
    ((survivor, files),) = (await persons_of(connection, [customer_id])).items()
    row = (await connection.execute(_FIND, {"customer_id": survivor, "topics": topics})).one_or_none()
    if row is None:
        return None
    lag, lag_known_at, position = row[len(STATE) :]
    risk = risk_of(row)
    if len(files) > 1:
        known = await load(connection, files)
        risk = added(known[survivor], [known[file] for file in files if file != survivor])
    return Seen(risk, lag, lag_known_at, position, files)


async def exists(connection: AsyncConnection, customer_id: str) -> bool:
    """Whether anything was heard of this customer."""
    statement = select(risks.c.customer_id).where(risks.c.customer_id == customer_id)
    return (await connection.execute(statement)).first() is not None


async def page_of_risks(
    connection: AsyncConnection,
    *,
    above: float | None,
    raised: bool | None,
    sight: Sight,
    after: str | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Risks in sight as last decided, by customer id; a person of several files once, by the survivor. `is_told`: see
    `told_to`; who is not told of a risk finds nobody by it.
    """
    told = is_told(risks.c.customer_id, sight)
    statement = _LISTED.add_columns(told.label("is_told")).where(in_sight(risks.c.customer_id, sight))
    if above is not None:
        statement = statement.where(risks.c.probability >= above, told)
    if raised is not None:
        is_known_raised = and_(risks.c.is_raised, told)
        statement = statement.where(is_known_raised if raised else ~is_known_raised)
    if after is not None:
        statement = statement.where(risks.c.customer_id > after)
    return (await connection.execute(statement.limit(limit))).mappings().all()
