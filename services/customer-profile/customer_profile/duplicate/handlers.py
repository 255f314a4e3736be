"""What becomes of pairs: files are opened a page at a time, what a run found is kept, and people decide."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer import store as customers
from customer_profile.customer.domain import checked
from customer_profile.customer.identity import Locks, opened
from customer_profile.duplicate import store
from customer_profile.duplicate.domain.comparing import Comparable, comparable
from customer_profile.duplicate.domain.evidence import Likeness
from customer_profile.duplicate.domain.pairs import Changes, Decision, DuplicateNotFound, Pair, compared, decided
from customer_profile.merge.handlers import propose_merge
from customer_profile.merge.store import queue
from rapport.ids import derived_id, new_id
from rapport.messaging.transaction import Transaction
from rapport.person.store import survivors_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AnotherRun(Exception):
    """Another process is writing what it has found."""


async def read_page(
    connection: AsyncConnection, locks: Locks, *, after: str, limit: int
) -> tuple[list[Comparable], str | None]:
    """The natural persons among the next files, opened and in one form; and the last file's token, None at the end.

    Who is erased or has no identity is compared with nobody. Raises CannotDecrypt.
    """
    files = await store.next_files(connection, after=after, limit=limit)
    keys = await locks.keyring.find(connection, [file.customer_id for file in files])
    found = []
    for file in files:
        plain = opened(file.identity, keys.get(file.customer_id))
        if plain is not None:
            told = checked(plain)
            is_valid = "id_number" not in told.faults
            found.append(comparable(file.customer_id, file.facts, told.identity, id_is_valid=is_valid))
    return [one for one in found if one], files[-1].customer_id if len(files) == limit else None


async def keep_found(
    tx: Transaction, likenesses: Iterable[Likeness], *, model: str, at: datetime, is_dry: bool = False
) -> Changes:
    """What is found becomes what is kept, but for files that are of one person already or have ended.

    `is_dry` only says what would change. Raises AnotherRun.
    """
    if not await store.begin_run(tx.connection):
        raise AnotherRun
    likenesses = list(likenesses)
    files = {file for one in likenesses for file in (one.file_a, one.file_b)}
    persons = await survivors_of(tx.connection, files)
    # Files that were read have ended since, and nobody shows them beside another any more.
    ended = await customers.gone(tx.connection, files) | await customers.archived(tx.connection, files)
    alive = [one for one in likenesses if ended.isdisjoint((one.file_a, one.file_b))]
    apart = [one for one in alive if persons[one.file_a] != persons[one.file_b]]
    found = [Pair(_pair_id(one), one, model, at) for one in apart]
    changes = compared(found, {pair.pair_id: pair for pair in await store.load_all(tx.connection)})
    if not is_dry:
        await store.apply(tx.connection, changes)
    return changes


def _pair_id(one: Likeness) -> UUID:
    return derived_id(_EPOCH, "duplicate", one.file_a, one.file_b)


async def decide(tx: Transaction, pair_id: UUID, decision: Decision, reason: str, *, by: str, locks: Locks) -> Pair:
    """Somebody accepts that both files are of one person, which proposes to merge them, or dismisses it.

    Raises DuplicateNotFound, DuplicateAlreadyDecided and ReasonUnfit, and MergeImpossible where they cannot be merged.
    """
    pair = await store.find(tx.connection, pair_id, hold=True)
    if pair is None:
        raise DuplicateNotFound("no pair of this id is kept")
    after = decided(pair, decision, reason, by=by, at=tx.now)
    if decision == "accepted":
        after = replace(after, merge_id=await _proposed(tx, after.likeness, by=by, locks=locks))
    await store.decide(tx.connection, after, new_id())
    return after


async def _proposed(tx: Transaction, one: Likeness, *, by: str, locks: Locks) -> UUID:
    """The proposal to merge both: one that is open, or a new one, by which the older customer takes in the other."""
    two = [one.file_a, one.file_b]
    for known in await queue.proposals_on(tx.connection, two):
        if (known.kind, known.state) == ("merge", "open"):
            return known.merge_id
    files = await customers.load(tx.connection, two)
    if len(files) < len(two):
        raise DuplicateNotFound("a file of this pair has ended")
    survivor, merged = sorted(two, key=lambda file: (files[file].facts.customer_since, file))
    return (await propose_merge(tx, survivor, merged, "probable-match", None, by=by, locks=locks)).merge_id
