"""Pairs of files that may be of one person, and every decision on one: the second table only grows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    Uuid,
    delete,
    exists,
    func,
    insert,
    select,
    tuple_,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain import File
from customer_profile.customer.store import file_of, profiles
from customer_profile.duplicate.domain.evidence import Likeness
from customer_profile.duplicate.domain.pairs import Changes, Pair, State
from customer_profile.merge.store.ledger import merged_files
from customer_profile.tables import metadata
from rapport.database import upsert_many
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

duplicate_pairs = Table(
    "duplicate_pairs",
    metadata,
    Column("pair_id", Uuid, primary_key=True),
    Column("file_a", Text, nullable=False, info=entry("customer-token")),
    Column("file_b", Text, nullable=False, info=entry("customer-token")),
    Column("weight", Integer, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("model", Text, nullable=False),
    Column("found_at", _at, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("decided_by", Text, info=entry("staff-token")),
    Column("decided_at", _at),
    Column("merge_id", Uuid),
    CheckConstraint('file_a COLLATE "C" < file_b COLLATE "C"', name="duplicate_pairs_in_order"),
    CheckConstraint("state IN ('open', 'accepted', 'dismissed')", name="duplicate_pairs_state"),
    CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="duplicate_pairs_decided"),
    Index("duplicate_pairs_of_files", "file_a", "file_b", unique=True),
    Index("duplicate_pairs_queue", "state", "weight", "pair_id"),
    info=entry("one-customer"),
)

duplicate_decisions = Table(
    "duplicate_decisions",
    metadata,
    Column("decision_id", Uuid, primary_key=True),
    Column("pair_id", Uuid, nullable=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("weight", Integer, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("model", Text, nullable=False),
    Column("decided_by", Text, nullable=False, info=entry("staff-token")),
    Column("decided_at", _at, nullable=False),
    Index("duplicate_decisions_by_pair", "pair_id", "decision_id"),
    info=entry("one-customer"),
)


_a, _b = merged_files.alias("a"), merged_files.alias("b")
# Acts are written here whole, so two files with one survivor have it by one act.
_ARE_ONE_PERSON = exists().where(
    _a.c.customer_id == duplicate_pairs.c.file_a,
    _b.c.customer_id == duplicate_pairs.c.file_b,
    _a.c.survivor == _b.c.survivor,
)


def _pair(row: RowMapping) -> Pair:
    return Pair(
        pair_id=row["pair_id"],
        likeness=Likeness(row["file_a"], row["file_b"], row["weight"], row["evidence"]),
        model=row["model"],
        found_at=row["found_at"],
        state=row["state"],
        reason=row["reason"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        merge_id=row["merge_id"],
    )


def _row(pair: Pair) -> dict[str, Any]:
    one = pair.likeness
    return {
        "pair_id": pair.pair_id,
        "file_a": one.file_a,
        "file_b": one.file_b,
        "weight": one.weight,
        "evidence": dict(one.evidence),
        "model": pair.model,
        "found_at": pair.found_at,
        "state": pair.state,
        "reason": pair.reason,
        "decided_by": pair.decided_by,
        "decided_at": pair.decided_at,
        "merge_id": pair.merge_id,
    }


async def count_files(connection: AsyncConnection) -> int:
    """How many files there are to compare."""
    return await connection.scalar(select(func.count()).where(profiles.c.archived_at.is_(None))) or 0


async def next_files(connection: AsyncConnection, *, after: str, limit: int) -> list[File]:
    """The next files in order of the customer's token."""
    wanted = select(profiles).where(profiles.c.archived_at.is_(None), profiles.c.customer_id > after).limit(limit)
    return [file_of(row) for row in (await connection.execute(wanted.order_by("customer_id"))).mappings()]


async def begin_run(connection: AsyncConnection) -> bool:
    """Whether no other run is writing; until this transaction ends no other begins."""
    lock = select(func.pg_try_advisory_xact_lock(func.hashtext(duplicate_pairs.name)))
    return bool((await connection.execute(lock)).scalar_one())


async def load_all(connection: AsyncConnection) -> list[Pair]:
    """Every pair, held until this transaction ends, so that nobody decides on one meanwhile."""
    held = select(duplicate_pairs).order_by(duplicate_pairs.c.pair_id).with_for_update()
    return [_pair(row) for row in (await connection.execute(held)).mappings()]


async def apply(connection: AsyncConnection, changes: Changes) -> None:
    """Write and remove what a run has changed, each in one statement."""
    if changes.gone:
        await connection.execute(delete(duplicate_pairs).where(duplicate_pairs.c.pair_id == func.any(changes.gone)))
    await upsert_many(connection, duplicate_pairs, [_row(pair) for pair in changes.written])


async def find(connection: AsyncConnection, pair_id: UUID, *, hold: bool = False) -> Pair | None:
    """One pair; with `hold` nobody else decides on it until this transaction ends."""
    wanted = select(duplicate_pairs).where(duplicate_pairs.c.pair_id == pair_id)
    row = (await connection.execute(wanted.with_for_update() if hold else wanted)).mappings().one_or_none()
    return None if row is None else _pair(row)


async def page(
    connection: AsyncConnection, *, state: State | None, least: int | None, after: tuple[int, UUID] | None, limit: int
) -> Sequence[Pair]:
    """The next pairs, the likeliest first, but for those that are one person by now.

    `least`: weight; `after`: weight and id of the last one before.
    """
    place = tuple_(duplicate_pairs.c.weight, duplicate_pairs.c.pair_id)
    conditions = [~_ARE_ONE_PERSON]
    conditions += [] if state is None else [duplicate_pairs.c.state == state]
    conditions += [] if least is None else [duplicate_pairs.c.weight >= least]
    conditions += [] if after is None else [place < after]
    likeliest = (duplicate_pairs.c.weight.desc(), duplicate_pairs.c.pair_id.desc())
    wanted = select(duplicate_pairs).where(*conditions).order_by(*likeliest).limit(limit)
    rows = await connection.execute(wanted)
    return [_pair(row) for row in rows.mappings()]


async def decide(connection: AsyncConnection, pair: Pair, decision_id: UUID) -> None:
    """Keep a decision with what it was made on; the database refuses to alter or delete it afterwards."""
    row = _row(pair)
    await upsert_many(connection, duplicate_pairs, [row])
    names = ("pair_id", "reason", "weight", "evidence", "model", "decided_by", "decided_at")
    noted = {"decision_id": decision_id, "decision": pair.state, **{name: row[name] for name in names}}
    await connection.execute(insert(duplicate_decisions).values(noted))
