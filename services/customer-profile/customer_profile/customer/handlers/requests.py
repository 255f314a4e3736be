"""What staff and systems ask over REST: to record a customer, to correct a file. Who did what is kept with it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from customer_profile.customer import domain, store
from customer_profile.customer.domain import (
    NO_IDENTITY,
    RULES,
    Checked,
    CustomerAlreadyRecorded,
    CustomerChangedMeanwhile,
    CustomerNotFound,
    CustomerRestricted,
    Facts,
    File,
    IdentityInvalid,
    IdentityOnAnotherFile,
    Sealed,
    Stamp,
    StepNeeded,
)
from customer_profile.customer.handlers.files import Files, Word
from customer_profile.customer.identity import Locks, Plain, opened
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction


async def create_customer(
    tx: Transaction, customer_id: str, facts: Facts, identity: Plain | None, *, locks: Locks, by: str
) -> File:
    """Record a customer the core has not told of; accounts that waited for it are its own now.

    It is in admission until people admit it or a later record of the core, which replaces what is recorded here, does.
    Raises CustomerAlreadyRecorded, IdentityInvalid, IdentityOnAnotherFile.
    """
    files = await Files.load(tx, [customer_id])
    if customer_id in files:
        raise CustomerAlreadyRecorded("a customer with this customer_id is recorded already")
    # Not by the file: one that is archived is out of the caller's sight, and would be written over.
    if await store.life(tx.connection, customer_id, after=None, limit=1):
        raise CustomerAlreadyRecorded("this customer_id is of a file that has ended: leave it out for a new one")
    at = tx.clock_of(customer_id)
    ciphertext: Sealed = NO_IDENTITY
    if identity is not None:
        identity = _valid(identity, asked=identity).identity
        await _is_on_no_other_file(tx, customer_id, identity, locks)
        ciphertext = locks.sealed(identity, (await locks.keyring.load(tx.connection, [customer_id]))[customer_id])
    file = replace(domain.opened(customer_id, facts, ciphertext, Stamp(at, new_id()), at=at), is_admitted=False)
    files.put(file, time=at, cause=None, word=Word("application", by, at))
    for account in await tx.wake([customer_id], at=at):
        files.hear_account(account, at=at)
    await files.save()
    given = [field for field, value in (identity or {}).items() if value is not None]
    await _note(tx, customer_id, "recorded", [*Facts.__slots__, *given], by)
    return files.get(customer_id) or file


async def correct_customer(
    tx: Transaction,
    customer_id: str,
    facts: Mapping[str, object],
    identity: Plain,
    *,
    locks: Locks,
    by: str,
    rights: Collection[str],
    revision: int | None,
) -> File:
    """Set these fields of a file. What already is as asked stays untouched, and who changes nothing leaves no trace.

    `revision`: the one the caller saw, if it must still be the present one. Raises CustomerNotFound,
    CustomerChangedMeanwhile, CustomerRestricted, StepNeeded, IdentityIncomplete, IdentityInvalid and
    IdentityOnAnotherFile.
    """
    files = await Files.load(tx, [customer_id])
    file = files.get(customer_id)
    if file is None:
        raise CustomerNotFound
    if revision is not None and revision != file.revision:
        raise CustomerChangedMeanwhile(f"the file is at revision {file.revision}")
    if file.is_restricted and "relationships:restrict" not in rights:
        raise CustomerRestricted("a restricted file is corrected with relationships:restrict; it can still be read")
    at = tx.clock_of(customer_id)
    would_be = await corrected(tx, files.let_age(file, until=at), facts, identity, locks=locks, at=at)
    if {"id_type", "id_number"} & {*would_be.fields}:
        await _is_on_no_other_file(tx, customer_id, would_be.identity, locks)
    if would_be.fields:
        files.put(would_be.file, time=at, cause=None)
        await _note(tx, customer_id, "corrected", would_be.fields, by)
    await files.save()
    return would_be.file


class WouldBe(NamedTuple):
    """A file as a correction would make it, its identity in clear, and which fields would not be as before."""

    file: File
    identity: Plain
    fields: list[str]


async def corrected(
    tx: Transaction, file: File, facts: Mapping[str, object], identity: Plain, *, locks: Locks, at: datetime
) -> WouldBe:
    """What these values would make of a file, of which nothing is kept.

    Raises StepNeeded, IdentityIncomplete and IdentityInvalid.
    """
    new_facts = {field: value for field, value in facts.items() if getattr(file.facts, field) != value}
    sealed: Sealed = {}
    whole, faults, changed = identity, file.faults, {}
    if identity:
        keys = await locks.keyring.find(tx.connection, [file.customer_id])
        if not keys:  # It was destroyed, and what it sealed is gone with it.
            file = replace(file, identity=NO_IDENTITY, faults={})
            keys = await locks.keyring.load(tx.connection, [file.customer_id])
        key = keys[file.customer_id]
        known = opened(file.identity, key) or {}
        whole, faults = attrgetter("identity", "faults")(_valid({**known, **identity}, asked=identity))
        changed = {field: whole[field] for field in identity if known.get(field) != whole[field]}
        sealed = locks.sealed(changed, key)
    if not new_facts and not changed:
        return WouldBe(file, whole, [])
    after = domain.corrected(file, new_facts, sealed, at=at, faults=faults)
    if after.relationship != file.relationship:
        raise StepNeeded("this status moves the relationship: POST /customers/{customer_id}/status takes the step")
    return WouldBe(after, whole, [*new_facts, *changed])


async def _is_on_no_other_file(tx: Transaction, customer_id: str, identity: Plain, locks: Locks) -> None:
    """Raises IdentityOnAnotherFile. Two requests for one number wait for each other, or neither would see the other."""
    number = identity.get("id_number")
    if number is None:
        return
    values = locks.index.all_of("id_number", number)
    await store.lock_index(tx.connection, values[0])
    others = [i for i in await store.found_by(tx.connection, "id_number", values) if i != customer_id]
    files = await store.load(tx.connection, others)
    keys = await locks.keyring.find(tx.connection, others)
    kinds = [(opened(file.identity, keys.get(i)) or {}).get("id_type") for i, file in files.items()]
    if identity.get("id_type") in kinds:
        raise IdentityOnAnotherFile


def _valid(identity: Plain, *, asked: Iterable[str]) -> Checked:
    """The identity in its normal form. Raises IdentityInvalid for what is asked; what the core told wrongly stays."""
    found = domain.checked(identity)
    answered_for = {*asked} | ({"id_number"} if "id_type" in asked else set())
    if faults := [(field, RULES[rule]) for field, rule in found.faults.items() if field in answered_for]:
        raise IdentityInvalid(faults)
    return found


async def _note(tx: Transaction, customer_id: str, action: str, fields: list[str], by: str) -> None:
    changed = sorted(fields)
    await store.note_change(
        tx.connection, change_id=new_id(), customer_id=customer_id, action=action, fields=changed, by=by, at=tx.now
    )
