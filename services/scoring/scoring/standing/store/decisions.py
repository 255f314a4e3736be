"""Every change of tier as it was decided, with all that led to it: appended, never altered; a superseded one stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, get_args
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, RowMapping, SmallInteger, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.consent.store import versions_of
from rapport.database import upsert_many
from rapport.events.base import Event
from rapport.events.scoring import TierChanged
from rapport.privacy.catalogue.columns import entry
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.people import PeopleAct
from scoring.standing.domain.state import Bank
from scoring.standing.domain.words import explain, told
from scoring.standing.store.standings import standings
from scoring.tables import MOMENT, metadata

decisions = Table(
    "decisions",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("old_tier", Text),
    Column("tier", Text, nullable=False),
    Column("points", Integer, nullable=False),
    Column("points_by_dimension", JSONB, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("explanation", Text, nullable=False),
    Column("scorecard_version", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("decided_at", MOMENT, nullable=False),
    Column("known_at", MOMENT, nullable=False),
    Column("rank", SmallInteger),
    Column("ladder", SmallInteger),
    Column("values", JSONB),
    Column("below_since", MOMENT),
    Column("state_hash", Text),
    Column("cause_event_id", Uuid),
    Column("people_act", Text),
    Column("consent_version", BigInteger),
    CheckConstraint("cause IN ('event', 'time', 'override')", name="decisions_cause"),
    CheckConstraint(f"people_act IN {get_args(PeopleAct)}", name="decisions_people_act"),
    info=entry("tier-decision"),
)


class Origin(NamedTuple):
    """What a decision came from: an event, what people did, both for a refusal, or with neither time alone.

    Of decisions of long ago less is known.
    """

    event_id: UUID | None
    people_act: PeopleAct | None


async def keep_decisions(
    connection: AsyncConnection, made: Sequence[tuple[Decision, UUID | None]], *, known_at: datetime, bank: Bank
) -> None:
    """Keep every change of tier, with all that led to it and the event that did; a superseded one stays.

    Each is stamped with what is known now of the customer's consents.
    """
    consent_versions = await versions_of(connection, {one.customer_id for one, _ in made})
    rows = [
        {
            "customer_id": one.customer_id,
            "revision": one.revision,
            "old_tier": one.old_tier,
            "tier": one.tier,
            "points": one.points,
            "points_by_dimension": one.points_by_dimension,
            "evidence": [told(item, bank) for item in one.evidence],
            "reasons": [
                {"feature": item.feature.name, "points": item.points, "shortfall": round(item.shortfall, 3)}
                for item in one.reasons
            ],
            "explanation": explain(one, bank),
            "scorecard_version": one.card.version,
            "cause": one.cause,
            "decided_at": one.decided_at,
            "known_at": known_at,
            "rank": one.place.rank,
            "ladder": one.place.ladder,
            "values": one.values._asdict(),
            "below_since": one.below_since,
            "state_hash": one.state_hash,
            "cause_event_id": event_id,
            "people_act": one.people_act,
            "consent_version": consent_versions.get(one.customer_id),
        }
        for one, event_id in made
    ]
    await upsert_many(connection, decisions, rows)


async def page_of_decisions(
    connection: AsyncConnection, customer_id: str, *, before: int | None, limit: int
) -> Sequence[RowMapping]:
    """A customer's decisions, the latest first, older than revision `before`."""
    statement = select(decisions).where(decisions.c.customer_id == customer_id)
    if before is not None:
        statement = statement.where(decisions.c.revision < before)
    statement = statement.order_by(decisions.c.revision.desc()).limit(limit)
    return (await connection.execute(statement)).mappings().all()


async def origin_of(connection: AsyncConnection, customer_id: str, revision: int) -> Origin:
    """What a customer's decision came from."""
    found = (decisions.c.customer_id == customer_id) & (decisions.c.revision == revision)
    wanted = select(decisions.c.cause_event_id, decisions.c.people_act).where(found)
    row = (await connection.execute(wanted)).one_or_none()
    return Origin(None, None) if row is None else Origin(*row)


_STATES = (
    select(decisions)
    .join(
        standings,
        (standings.c.customer_id == decisions.c.customer_id) & (standings.c.revision == decisions.c.revision),
    )
    .order_by(decisions.c.customer_id)
)


async def read_states(connection: AsyncConnection, after: str, limit: int) -> list[tuple[Event, datetime]]:
    """The present tier of every customer after `after`, as it was told: for telling it again."""
    statement = _STATES.where(decisions.c.customer_id > after).limit(limit)
    rows = (await connection.execute(statement)).mappings().all()
    return [(_fact(row), row["decided_at"]) for row in rows]


def _fact(row: RowMapping) -> TierChanged:
    facts: dict[str, Any] = {name: row[name] for name in TierChanged.model_fields}
    return TierChanged(**facts)
