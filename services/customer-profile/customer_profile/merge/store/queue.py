"""What is proposed: a queue for people to decide on, and the files that one paper is on."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    RowMapping,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.store import profiles
from customer_profile.merge.domain.proposals import Evidence, Proposal, State
from customer_profile.tables import metadata
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)
_LOCK = 0x6D61746368  # "match"

merge_proposals = Table(
    "merge_proposals",
    metadata,
    Column("merge_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("survivor", Text, nullable=False),
    Column("merged", Text, nullable=False),
    Column("undoes", Uuid),
    Column("reason", Text, nullable=False),
    Column("evidence_kind", Text),
    Column("evidence_digest", Text),
    Column("state", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", _at, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", _at),
    CheckConstraint("(kind = 'unmerge') = (undoes IS NOT NULL)", name="merge_proposals_undoes"),
    CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="merge_proposals_decided"),
    CheckConstraint("decided_by <> proposed_by", name="merge_proposals_two_people"),
    Index("merge_proposals_by_state", "state", "merge_id"),
    Index("merge_proposals_by_survivor", "survivor"),
    Index("merge_proposals_by_merged", "merged"),
    info=entry("one-customer"),
)

_PLAIN = tuple(column.name for column in merge_proposals.columns if not column.name.startswith("evidence_"))


def _proposal(row: RowMapping) -> Proposal:
    kind, digest = row["evidence_kind"], row["evidence_digest"]
    return Proposal(**{name: row[name] for name in _PLAIN}, evidence=None if kind is None else Evidence(kind, digest))


def _row(proposal: Proposal) -> dict[str, Any]:
    evidence = proposal.evidence
    return {
        **{name: getattr(proposal, name) for name in _PLAIN},
        "evidence_kind": None if evidence is None else evidence.kind,
        "evidence_digest": None if evidence is None else evidence.digest,
    }


async def propose(connection: AsyncConnection, proposals: Iterable[Proposal]) -> None:
    """Keep new proposals."""
    if rows := [_row(one) for one in proposals]:
        await connection.execute(insert(merge_proposals), rows)


async def find(connection: AsyncConnection, merge_id: UUID, *, lock: bool = False) -> Proposal | None:
    """One proposal; `lock`: nobody else decides on it until this transaction ends."""
    wanted = select(merge_proposals).where(merge_proposals.c.merge_id == merge_id)
    row = (await connection.execute(wanted.with_for_update() if lock else wanted)).mappings().one_or_none()
    return None if row is None else _proposal(row)


async def proposals_on(connection: AsyncConnection, files: Collection[str]) -> list[Proposal]:
    """Every proposal on two of these files."""
    table = merge_proposals.c
    wanted = select(merge_proposals).where(table.survivor.in_(files), table.merged.in_(files))
    return [_proposal(row) for row in (await connection.execute(wanted)).mappings()]


async def decide(connection: AsyncConnection, decided: Proposal) -> None:
    """Keep what was decided on a proposal."""
    values = {name: getattr(decided, name) for name in ("state", "decided_by", "decided_at")}
    await connection.execute(
        update(merge_proposals).where(merge_proposals.c.merge_id == decided.merge_id).values(values)
    )


async def recommended_on(connection: AsyncConnection, files: Collection[str]) -> list[Proposal]:
    """What was ever recommended to the ECIF on one of these files."""
    table = merge_proposals.c
    named = or_(table.survivor.in_(files), table.merged.in_(files))
    wanted = select(merge_proposals).where(named, table.state.in_(("recommended", "adopted", "not-adopted")))
    return [_proposal(row) for row in (await connection.execute(wanted)).mappings()]


async def keep_states(connection: AsyncConnection, proposals: Collection[Proposal]) -> None:
    """Keep how far these are."""
    if proposals:
        changed = update(merge_proposals).where(merge_proposals.c.merge_id == bindparam("of"))
        rows = [{"of": one.merge_id, "now": one.state} for one in proposals]
        await connection.execute(changed.values(state=bindparam("now")), rows)


async def page(
    connection: AsyncConnection, *, state: State | None, file: str | None, after: UUID | None, limit: int
) -> list[Proposal]:
    """The next proposals, the oldest first: their ids sort by time."""
    table = merge_proposals.c
    wanted = select(merge_proposals)
    if state is not None:
        wanted = wanted.where(table.state == state)
    if file is not None:
        wanted = wanted.where(or_(table.survivor == file, table.merged == file))
    if after is not None:
        wanted = wanted.where(table.merge_id > after)
    found = await connection.execute(wanted.order_by(table.merge_id).limit(limit))
    return [_proposal(row) for row in found.mappings()]


async def lock_matching(connection: AsyncConnection) -> None:
    """Wait for whoever matches papers now: of two files that come at one moment the second must see the first."""
    await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def sharing_a_number(connection: AsyncConnection, customer_ids: Collection[str]) -> list[str]:
    """The files with a number of a paper, of whatever kind, that is on one of these files and on another too."""
    index = profiles.c.id_number_index
    theirs = select(index).where(profiles.c.customer_id.in_(customer_ids), index.is_not(None))
    shared = select(index).where(index.in_(theirs)).group_by(index).having(func.count() > 1)
    return list((await connection.execute(select(profiles.c.customer_id).where(index.in_(shared)))).scalars())
