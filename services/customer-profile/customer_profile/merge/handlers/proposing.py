"""Proposals, by people and by one paper on two files. Nothing changes by a proposal."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer import store as customers
from customer_profile.customer.domain import File
from customer_profile.customer.identity import Locks, opened
from customer_profile.merge.domain.acts import Act, built_on, holding
from customer_profile.merge.domain.proposals import (
    Candidate,
    Evidence,
    MergeImpossible,
    MergeNotFound,
    MergeNotInForce,
    MergeReason,
    Paper,
    Proposal,
    UnmergeOutOfOrder,
    UnmergeReason,
    faults_of,
)
from customer_profile.merge.store import ledger, queue
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.person.store import persons_of, survivors_of
from rapport.privacy.keyring import CustomerKey

MATCHING = "rapport"
"""Who proposes where one paper is on two files: nobody, so anybody may decide."""


async def propose_merge(
    tx: Transaction,
    survivor: str,
    merged: str,
    reason: MergeReason,
    evidence: Evidence | None,
    *,
    by: str,
    locks: Locks,
) -> Proposal:
    """Propose that the person of `survivor` takes in the person of `merged`. Raises MergeImpossible."""
    two = frozenset(await survivors_to_merge(tx, survivor, merged, evidence, locks=locks))
    for persons, one in await _of_persons(tx, two):
        if persons == two and one.state == "open" and one.kind == "merge":
            raise MergeImpossible([("merged", f"is proposed with survivor already, by {one.merge_id}")])
    proposal = Proposal(new_id(), "merge", survivor, merged, None, reason, evidence, "open", by, tx.now)
    await queue.propose(tx.connection, [proposal])
    return proposal


async def propose_unmerge(tx: Transaction, merge_id: UUID, reason: UnmergeReason, *, by: str) -> Proposal:
    """Propose to undo a merge. Raises MergeNotFound, MergeNotInForce, UnmergeOutOfOrder and MergeImpossible."""
    merge = await merge_of(tx.connection, merge_id)
    undone = await merge_to_undo(tx, merge_id, [merge.survivor, merge.merged])
    for one in await queue.proposals_on(tx.connection, [undone.survivor, undone.merged]):
        if one.state == "open" and one.undoes == merge_id:
            raise MergeImpossible([("merge_id", f"is proposed to be undone already, by {one.merge_id}")])
    two = (undone.survivor, undone.merged)
    proposal = Proposal(new_id(), "unmerge", *two, merge_id, reason, None, "open", by, tx.now)
    await queue.propose(tx.connection, [proposal])
    return proposal


async def merge_of(connection: AsyncConnection, merge_id: UUID) -> Proposal | Act:
    """What was proposed here, or told by the ECIF. Raises MergeNotFound."""
    found = await queue.find(connection, merge_id) or await ledger.find(connection, merge_id)
    if found is None:
        raise MergeNotFound("nothing of this merge_id was proposed")
    return found


async def propose_same_papers(tx: Transaction, customer_ids: Collection[str], *, locks: Locks) -> None:
    """A valid paper of these files that is on files of other persons too is put before people.

    Whoever has been a customer for longest is to take in each of the others; what was proposed once is not again.
    """
    if not customer_ids:
        return
    await queue.lock_matching(tx.connection)
    found = await queue.sharing_a_number(tx.connection, sorted(customer_ids))
    files = await customers.load(tx.connection, found)
    keys = await locks.keyring.find(tx.connection, found)
    survivors = await survivors_of(tx.connection, found)
    holders: dict[Paper, dict[str, date]] = {}
    for customer_id, file in files.items():
        if paper := candidate_of(file, keys.get(customer_id), locks).paper:
            persons, since = holders.setdefault(paper, {}), file.facts.customer_since
            person = survivors[customer_id]
            persons[person] = min(since, persons.get(person, since))
    await queue.propose(tx.connection, await _matches(tx, holders.values()))


async def _matches(tx: Transaction, holders: Iterable[dict[str, date]]) -> list[Proposal]:
    pairs: dict[frozenset[str], tuple[str, str]] = {}  # two persons of several files may have several papers in common
    for persons in holders:
        longest, *others = sorted(persons, key=lambda person: (persons[person], person))
        pairs |= {frozenset((longest, other)): (longest, other) for other in others}
    proposed = {persons for persons, _ in await _of_persons(tx, {person for pair in pairs for person in pair})}
    return [
        Proposal(new_id(), "merge", *pair, None, "same-paper", None, "open", MATCHING, tx.now)
        for persons, pair in pairs.items()
        if persons not in proposed
    ]


async def _of_persons(tx: Transaction, survivors: Collection[str]) -> list[tuple[frozenset[str], Proposal]]:
    """What was ever proposed of these persons, each with which of them: of a file it is of the person by now."""
    persons = await persons_of(tx.connection, survivors)
    of_files = {file: survivor for survivor, files in persons.items() for file in files}
    known = await queue.proposals_on(tx.connection, of_files)
    return [(frozenset((of_files[one.survivor], of_files[one.merged])), one) for one in known]


async def survivors_to_merge(
    tx: Transaction, survivor: str, merged: str, evidence: Evidence | None, *, locks: Locks
) -> tuple[str, str]:
    """The files that the two persons are known by. Raises MergeImpossible where they cannot become one."""
    if survivor == merged:
        raise MergeImpossible([("merged", "is the same file as survivor")])
    sides = await survivors_of(tx.connection, {survivor, merged})
    persons = await persons_of(tx.connection, set(sides.values()))
    one, other = sides[survivor], sides[merged]
    files = await customers.load(tx.connection, [file for person in persons.values() for file in person])
    keys = await locks.keyring.find(tx.connection, sorted(files))
    candidates = {i: candidate_of(file, keys.get(i), locks) for i, file in files.items()}

    def side(named: str) -> list[Candidate]:
        # A file that the ECIF merged ahead of its record is not there yet and holds nothing against it.
        of_person = [candidates[i] for i in persons[sides[named]] if i in candidates]
        return of_person if named in candidates else []

    if faults := faults_of(side(survivor), side(merged), (one, other), has_evidence=evidence is not None):
        raise MergeImpossible(faults)
    return one, other


async def merge_to_undo(tx: Transaction, merge_id: UUID, files: Iterable[str]) -> Act:
    """The merge of this id, if it counts and none is built on it. Raises MergeNotInForce and UnmergeOutOfOrder."""
    persons = await persons_of(tx.connection, set(files))
    acts = await ledger.acts_on(tx.connection, [file for person in persons.values() for file in person])
    merge = next((act for act in holding(acts) if act.act_id == merge_id), None)
    if merge is None:
        raise MergeNotInForce("it was never carried out, or is undone already")
    if later := built_on(merge, acts, next(person for person in persons.values() if merge.survivor in person)):
        raise UnmergeOutOfOrder(later.act_id)
    return merge


def candidate_of(file: File, key: CustomerKey | None, locks: Locks) -> Candidate:
    """What of a file decides; of a number whose rule is broken nothing follows."""
    plain = opened(file.identity, key)
    number, kind = (plain or {}).get("id_number"), (plain or {}).get("id_type")
    is_valid = number is not None and kind is not None and "id_number" not in file.faults
    is_erased = file.identity["full_name"] is not None and key is None
    return Candidate(
        customer_id=file.customer_id,
        closed="erased" if is_erased else "restricted" if file.is_restricted else None,
        paper=(kind, locks.index.of("id_number", number)) if is_valid and kind and number else None,
    )
