"""Every change of stage as it was decided: appended, never altered. A customer's latest is the state that is told."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.lifecycle.domain.deciding import Cause, Transition
from churn_alert.lifecycle.domain.life import Stage
from churn_alert.lifecycle.facts import fact_of
from churn_alert.lifecycle.store.lives import lives
from churn_alert.tables import metadata
from rapport.consent.store import versions_of
from rapport.database import upsert_many
from rapport.events.base import Event
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

transitions = Table(
    "lifecycle_transitions",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("previous", Text),
    Column("stage", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("happened_at", _at, nullable=False),
    Column("known_at", _at, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("consent_version", BigInteger),
    Column("previous_since", _at),
    CheckConstraint(f"previous IN {get_args(Stage)}", name="lifecycle_transitions_previous"),
    CheckConstraint(f"stage IN {get_args(Stage)}", name="lifecycle_transitions_stage"),
    CheckConstraint(f"cause IN {get_args(Cause)}", name="lifecycle_transitions_cause"),
    CheckConstraint("stage <> previous", name="lifecycle_transitions_change"),
    Index("lifecycle_transitions_by_time", "happened_at", "customer_id"),
    Index("lifecycle_transitions_by_knowing", "known_at"),
    info=entry("lifecycle-stage"),
)
_asked = (
    func.unnest(bindparam("ids", type_=ARRAY(Text)), bindparam("ats", type_=ARRAY(DateTime(timezone=True))))
    .table_valued("customer_id", "at")
    .render_derived(name="asked")
)
_STAGES_AT = (
    select(_asked.c.customer_id, _asked.c.at, transitions.c.stage)
    .ext(distinct_on(_asked.c.customer_id, _asked.c.at))
    .join_from(
        _asked,
        transitions,
        (transitions.c.customer_id == _asked.c.customer_id) & (transitions.c.happened_at <= _asked.c.at),
    )
    .order_by(_asked.c.customer_id, _asked.c.at, transitions.c.revision.desc())
)
_STATES = (
    select(transitions)
    .join(lives, (lives.c.customer_id == transitions.c.customer_id) & (lives.c.revision == transitions.c.revision))
    .order_by(transitions.c.customer_id)
)


async def keep_transitions(connection: AsyncConnection, moved: Sequence[Transition], *, known_at: datetime) -> None:
    """Keep changes beside when they were known and what is known now of the customers' consents."""
    versions = await versions_of(connection, {one.customer_id for one in moved})
    rows = [
        {
            "customer_id": one.customer_id,
            "revision": one.revision,
            "previous": one.previous,
            "stage": one.stage,
            "rule": one.rule,
            "cause": one.cause,
            "happened_at": one.at,
            "known_at": known_at,
            "rules_version": one.rules_version,
            "consent_version": versions.get(one.customer_id),
            "previous_since": one.previous_since,
        }
        for one in moved
    ]
    await upsert_many(connection, transitions, rows)


async def stages_at(
    connection: AsyncConnection, moments: Collection[tuple[str, datetime]]
) -> dict[tuple[str, datetime], Stage]:
    """Of each customer and moment the stage that it was then: whatever of a poll came after it is not counted."""
    asked = sorted(moments)
    values = {"ids": [one for one, _ in asked], "ats": [at for _, at in asked]}
    return {(row[0], row[1]): row[2] for row in (await connection.execute(_STAGES_AT, values))} if asked else {}


async def history_of(connection: AsyncConnection, customer_id: str, *, limit: int) -> Sequence[RowMapping]:
    """A customer's changes of stage, the latest first."""
    statement = select(transitions).where(transitions.c.customer_id == customer_id)
    statement = statement.order_by(transitions.c.revision.desc()).limit(limit)
    return (await connection.execute(statement)).mappings().all()


async def read_states(connection: AsyncConnection, after: str, limit: int) -> list[tuple[Event, datetime]]:
    """The present stage of every customer after `after`, as it was told: for telling it again."""
    statement = _STATES.where(transitions.c.customer_id > after).limit(limit)
    rows = (await connection.execute(statement)).mappings().all()
    return [(fact_of(transition_of(row)), row["happened_at"]) for row in rows]


def transition_of(row: RowMapping) -> Transition:
    """A kept change as the rules made it."""
    return Transition(
        row["customer_id"],
        row["revision"],
        row["previous"],
        row["stage"],
        row["rule"],
        row["cause"],
        row["happened_at"],
        row["rules_version"],
        row["previous_since"],
    )
