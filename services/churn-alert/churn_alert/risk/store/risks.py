"""Risks in PostgreSQL: one query and one upsert a batch, whatever its size."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    bindparam,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.risk.domain.behaviour import Ahead, Risk
from churn_alert.risk.domain.sums import OUT_OF_RANGE, SUMS
from churn_alert.risk.store.accounts import account_of
from churn_alert.risk.store.states import before_of, cells_before
from churn_alert.tables import metadata
from rapport.behaviour.active_days import ActiveDays
from rapport.behaviour.decay import DecayedSums, column_names
from rapport.database import fetch, upsert_columns
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)
_ADDED = dict.fromkeys(column_names(*SUMS[6:]), "0")
_OUT_COLUMNS = tuple(f"{name}_out_at" for name in OUT_OF_RANGE)

risks = Table(
    "risks",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("own_transactions", Integer, nullable=False),
    Column("channel_uses", Integer, nullable=False),
    Column("negative_feedbacks", Integer, nullable=False),
    Column("sums_as_of", _at),
    *(Column(name, Double, nullable=False, server_default=_ADDED.get(name)) for name in column_names(*SUMS)),
    Column("active_days_from", Date),
    Column("active_days", LargeBinary),
    Column("first_event_at", _at),
    Column("last_activity_at", _at),
    Column("accounts", JSONB, nullable=False, server_default="[]"),
    Column("is_raised", Boolean, nullable=False),
    Column("level_since", _at),
    Column("probability", Double),
    Column("decided_at", _at, info=entry("churn-risk")),
    Column("model_version", Integer, nullable=False),
    Column("due_at", _at),
    Column("consent_refused", Boolean, nullable=False, server_default="false"),
    Column("without_feedback", Boolean, nullable=False, server_default="false"),
    Column("is_restricted", Boolean, nullable=False, server_default="false"),
    Column("profile_revision", BigInteger, nullable=False, server_default="0"),
    Column("ahead", JSONB(none_as_null=True)),
    *(Column(name, _at) for name in _OUT_COLUMNS),
    Column("before", JSONB(none_as_null=True)),
    CheckConstraint("probability BETWEEN 0 AND 1", name="risks_probability"),
    # NaN lies above every number.
    CheckConstraint(f"{' + '.join(column_names(*SUMS))} BETWEEN -1e300 AND 1e300", name="risks_finite"),
    Index("risks_by_due_time", "partition", "due_at"),
    Index("risks_raised", "customer_id", postgresql_where=text("is_raised")),
    info=entry("posting-sums", "interaction"),
)

_WIDTH = 4 * len(SUMS)
_AFTER_AHEAD = 1 + len(OUT_OF_RANGE)
STATE = tuple(column for column in risks.columns if column.name != "partition")
_NAMES = (*(column.name for column in STATE), "partition")
_LOAD = f"SELECT {', '.join(_NAMES[:-1])} FROM risks WHERE customer_id = ANY($1::text[])"  # noqa: S608 - our own names
_OUTDATED = (
    select(risks.c.customer_id)
    .where(risks.c.model_version != bindparam("version"))
    .order_by(risks.c.customer_id)
    .limit(bindparam("limit"))
)


async def load(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, Risk]:
    """The risks of these customers; one who has none yet gets an empty one."""
    ids = list(customer_ids)
    found = {row[0]: risk_of(row) for row in await fetch(connection, _LOAD, ids)}
    return found | {customer_id: Risk(customer_id) for customer_id in ids if customer_id not in found}


async def outdated(connection: AsyncConnection, limit: int, *, version: int) -> Sequence[str]:
    """Customers whose timer was set by another version of the model."""
    return (await connection.execute(_OUTDATED, {"version": version, "limit": limit})).scalars().all()


def risk_of(row: Sequence[Any]) -> Risk:
    """A row of the columns `STATE` as the rules take it; what follows them in the row is not read."""
    cells: tuple[Any, ...] = tuple(row[: len(STATE) - 1])
    after = 5 + _WIDTH
    since, days = cells[after : after + 2]
    whole = (
        *cells[:4],
        DecayedSums(cells[4], cells[5:after]),
        ActiveDays.from_bytes(since, days) if since else None,
        *cells[after + 2 : after + 4],
        {one[0]: account_of(*one[1:]) for one in cells[after + 4]},
        *cells[after + 5 : -_AFTER_AHEAD],
        tuple(Ahead(datetime.fromisoformat(at), event_id) for at, event_id in cells[-_AFTER_AHEAD] or ()),
        cells[1 - _AFTER_AHEAD :],
    )
    risk = Risk(*whole)
    risk.is_settled, risk.before = True, before_of(risk.customer_id, row[len(cells)])
    return risk


async def save(connection: AsyncConnection, changed: Sequence[Risk], *, partition_of: Callable[[str], int]) -> None:
    """Write risks back, new ones too."""
    if changed:
        rows = [(*_cells(one), partition_of(one.customer_id)) for one in changed]
        await upsert_columns(connection, risks, _NAMES, rows)


def _cells(one: Risk) -> tuple[Any, ...]:
    days = one.active_days
    return (
        one.customer_id,
        one.own_transactions,
        one.channel_uses,
        one.negative_feedbacks,
        one.sums.as_of,
        *one.sums.values,
        days.first if days else None,
        days.to_bytes() if days else None,
        one.first_event_at,
        one.last_activity_at,
        [(account_id, *account) for account_id, account in sorted(one.accounts.items())],
        one.is_raised,
        one.level_since,
        one.probability,
        one.decided_at,
        one.model_version,
        one.due_at,
        one.consent_refused,
        one.without_feedback,
        one.is_restricted,
        one.profile_revision,
        [(at.isoformat(), event_id) for at, event_id in one.ahead] or None,
        *one.out_at,
        cells_before(one),
    )
