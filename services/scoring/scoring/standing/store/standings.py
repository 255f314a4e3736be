"""Standings in PostgreSQL: one query and one upsert a batch, whatever its size."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.behaviour.decay import column_names
from rapport.database import fetch, upsert_columns
from rapport.privacy.catalogue.columns import entry
from scoring.standing.domain.assets import Movements
from scoring.standing.domain.state import SUMS, Standing
from scoring.standing.store import due_times
from scoring.standing.store.cells import cells_of, standing_of
from scoring.standing.store.due_times import BESIDE, DUE_AT, LATEST
from scoring.tables import MOMENT, metadata

FOR_PEOPLE = "people_only OR consent_refused OR is_restricted"
"""Of standings: those whose tier people alone may change."""

standings = Table(
    "standings",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("transactions", Integer, nullable=False),
    Column("foreign_currency_transactions", Integer, nullable=False),
    Column("credits_minor", BigInteger, nullable=False),
    Column("debits_minor", BigInteger, nullable=False),
    Column("opening_minor", BigInteger, nullable=False),
    Column("own_minor", BigInteger, nullable=False),
    Column("penalty_interests", Integer, nullable=False),
    Column("overdrafts", Integer, nullable=False),
    Column("sums_as_of", MOMENT),
    *(Column(name, Double, nullable=False) for name in column_names(*SUMS)),
    Column("active_days_from", Date),
    Column("active_days", LargeBinary),
    Column("active_day_repeats", LargeBinary),
    Column("month", Integer, nullable=False),
    *(Column(f"month_{name}", BigInteger, nullable=False) for name in Movements._fields[1:]),
    Column("first_days", JSONB, nullable=False),
    Column("holdings", JSONB, nullable=False),
    Column("holdings_revision", BigInteger, nullable=False),
    Column("holdings_as_of", MOMENT),
    Column("loan_class", SmallInteger),
    Column("valuations", JSONB, nullable=False),
    Column("foreign_accounts", JSONB),
    Column("tier", Text, nullable=False),
    Column("tier_since", MOMENT, nullable=False),
    Column("below_since", MOMENT),
    Column("points", Integer, nullable=False, info=entry("tier-decision")),
    Column("decided_at", MOMENT, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("scorecard_tier", Text),
    Column("scorecard_since", MOMENT),
    Column("override_id", Uuid),
    Column("override_tier", Text),
    Column("override_until", MOMENT),
    # Of automated decisions: `automation_refused`, by the name it had when it was the only cause.
    Column("people_only", Boolean, nullable=False, server_default="false"),
    Column("consent_refused", Boolean, nullable=False, server_default="false"),
    Column("is_restricted", Boolean, nullable=False, server_default="false"),
    Column("people_since", MOMENT),
    Column("profile_revision", BigInteger, nullable=False, server_default="0"),
    Index("standings_by_tier", "tier", "customer_id"),
    Index("standings_for_people", "customer_id", postgresql_where=text(FOR_PEOPLE)),
    info=entry("posting-sums"),
)

OF_PEOPLE = 10
"""The last cells: what people had a hand in, of which the log of events knows nothing."""
_OWN = tuple(column.name for column in standings.columns if column.name != "partition")
_CELLS = [LATEST.get(name, f"s.{name}") for name in _OWN]
STATE = (*_CELLS[:-OF_PEOPLE], DUE_AT, *_CELLS[-OF_PEOPLE:])
WHOLE = f"standings s {BESIDE}"
"""`STATE`: what to select of `WHOLE`, a standing and what lies beside it."""
_REFUSING_CONSENT = "SELECT customer_id FROM standings WHERE customer_id = ANY($1::text[]) AND consent_refused"
_LOAD = f"SELECT {', '.join(STATE)} FROM {WHOLE} WHERE s.customer_id = ANY($1::text[])"  # noqa: S608


def latest(name: str) -> ColumnElement[Any]:
    """A cell of the last decision, for a statement that has the due times joined: theirs if silence decided last."""
    return func.coalesce(due_times.due_times.c[name], standings.c[name]).label(name)


async def load(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, Standing]:
    """The standings of these customers; one who has none yet gets an empty one."""
    ids = list(customer_ids)
    found = {row[0]: standing_of(tuple(row)) for row in await fetch(connection, _LOAD, ids)}
    for customer_id in ids:
        if customer_id not in found:
            found[customer_id] = Standing(customer_id)
    return found


async def refusing_consent(connection: AsyncConnection, customer_ids: Collection[str]) -> set[str]:
    """Those of these files of whose no to tiering their standing knows."""
    return {row["customer_id"] for row in await fetch(connection, _REFUSING_CONSENT, sorted(customer_ids))}


async def save(connection: AsyncConnection, changed: Sequence[Standing], *, partition_of: Callable[[str], int]) -> None:
    """Write standings back, new ones too."""
    if changed:
        rows, due = [], []
        for one in changed:
            cells, partition = cells_of(one), partition_of(one.customer_id)
            rows.append((*cells[: -OF_PEOPLE - 1], *cells[-OF_PEOPLE:], partition))
            if one.due_at is not None:
                due.append((one.customer_id, partition, one.due_at))
        await upsert_columns(connection, standings, (*_OWN, "partition"), rows)
        if due:
            await due_times.keep(connection, due)
