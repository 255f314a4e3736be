"""Lives in PostgreSQL: one query a batch, which brings what risks keep of activity, and one upsert of who changed."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, get_args

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.lifecycle.domain.life import Account, Life, Persons, Stage
from churn_alert.risk.store.risks import risks
from churn_alert.tables import metadata
from rapport.behaviour.active_days import ActiveDays
from rapport.database import fetch, upsert_many
from rapport.person.store import grouped, survivors_of
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

lives = Table(
    "lifecycles",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("accounts", JSONB, nullable=False, info=entry("account-token")),
    Column("known_from", _at),
    Column("over_since", _at),
    Column("unit", Text),
    Column("profile_revision", BigInteger, nullable=False),
    Column("stage", Text),
    Column("since", _at),
    Column("rule", Text),
    Column("revision", Integer, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("due_at", _at),
    CheckConstraint(f"stage IN {get_args(Stage)}", name="lifecycles_stage"),
    CheckConstraint("(stage IS NULL) = (since IS NULL) AND (stage IS NULL) = (rule IS NULL)", name="lifecycles_whole"),
    Index("lifecycles_by_due_time", "partition", "due_at"),
    Index("lifecycles_by_stage", "stage", "customer_id"),
    info=entry("lifecycle-stage"),
)

_OWN = tuple(column for column in lives.columns if column.name not in {"customer_id", "partition"})
_asked = func.unnest(bindparam("ids", type_=ARRAY(Text))).table_valued("customer_id").render_derived(name="asked")
_LOAD = select(
    _asked.c.customer_id,
    risks.c.active_days_from,
    risks.c.active_days,
    risks.c.last_activity_at,
    risks.c.consent_refused,
    risks.c.is_restricted,
    *_OWN,
).select_from(
    _asked.outerjoin(lives, lives.c.customer_id == _asked.c.customer_id).outerjoin(
        risks, risks.c.customer_id == _asked.c.customer_id
    )
)
_LOADING = str(_LOAD.compile(dialect=asyncpg.dialect()))  # type: ignore[no-untyped-call]
_STAGES = select(lives.c.customer_id, lives.c.stage, lives.c.since, lives.c.rule).where(
    lives.c.customer_id.in_(bindparam("ids", expanding=True)), lives.c.stage.is_not(None)
)
_OUTDATED = (
    select(lives.c.customer_id)
    .where(lives.c.rules_version != bindparam("version"))
    .order_by(lives.c.customer_id)
    .limit(bindparam("limit"))
)


class StageOf(NamedTuple):
    """A customer's present stage: since when, and by which rule."""

    stage: Stage
    since: datetime
    rule: str


async def load(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, Life]:
    """What is known of these customers; one of whom nothing is known gets an empty life."""
    rows = await fetch(connection, _LOADING, list(customer_ids))
    return {row[0]: _life_of(row) for row in rows}


async def persons_among(connection: AsyncConnection, found: Mapping[str, Life]) -> Persons:
    """Who of these is decided with which others."""
    return await grouped(connection, found, load, Persons)


async def stages_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, StageOf]:
    """The present stages of these customers, of a merged file that of its person; who has none is left out."""
    survivors = await survivors_of(connection, customer_ids)
    if not survivors:
        return {}
    rows = await connection.execute(_STAGES, {"ids": sorted(set(survivors.values()))})
    known = {row[0]: StageOf(*row[1:]) for row in rows}
    return {file: known[survivor] for file, survivor in survivors.items() if survivor in known}


async def outdated(connection: AsyncConnection, limit: int, *, version: int) -> Sequence[str]:
    """Customers who were decided by another version of the rules."""
    return (await connection.execute(_OUTDATED, {"version": version, "limit": limit})).scalars().all()


async def save(connection: AsyncConnection, changed: Sequence[Life], *, partition_of: Callable[[str], int]) -> None:
    """Write lives back, new ones too."""
    await upsert_many(connection, lives, [_row(one, partition_of(one.customer_id)) for one in changed])


def _life_of(row: Sequence[Any]) -> Life:
    customer_id, first, days, last, refused, restricted, accounts, *own = row
    return Life(
        customer_id,
        ActiveDays.from_bytes(first, days) if first else None,
        last,
        bool(refused),
        bool(restricted),
        {name: Account(datetime.fromisoformat(at), is_open) for name, (at, is_open) in (accounts or {}).items()},
        *(own if accounts is not None else ()),
    )


def _row(one: Life, partition: int) -> dict[str, Any]:
    return {
        "customer_id": one.customer_id,
        "partition": partition,
        "accounts": {name: [told.as_of.isoformat(), told.is_open] for name, told in one.accounts.items()},
        **{column.name: getattr(one, column.name) for column in _OWN if column.name != "accounts"},
    }
