"""The bank's facts about customers and accounts, in the order they are given; an account without its customer waits.

That is the order of their time in stream time, and topic after topic in wall time; both end in the same file.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from customer_profile.customer import domain
from customer_profile.customer.domain import IDENTITY, NO_IDENTITY, Facts, File, Stamp
from customer_profile.customer.handlers.files import Files
from customer_profile.customer.identity import Locks, Plain, opened
from rapport.events.bank import AccountChanged, CustomerRecorded, Identity
from rapport.events.base import Received
from rapport.messaging.transaction import Transaction
from rapport.privacy.encryption import CannotDecrypt
from rapport.privacy.keyring import CustomerKey

Batch = Sequence[Received[Any]]


async def on_bank_facts(tx: Transaction, events: Batch, *, locks: Locks) -> None:
    """Each customer's latest record counts, and each account's latest word.

    An account that comes before its customer is parked, and handled with the record that makes the customer known.
    """
    with_accounts = {event.data.customer_id for event in events if isinstance(event.data, AccountChanged)}
    files = await Files.load(tx, {event.data.customer_id for event in events}, accounts_of=with_accounts)
    keys = await locks.keyring.load(tx.connection, _with_identity(events))
    orphans = await _wake(tx, files, events)
    for event in events:
        customer_id = event.data.customer_id
        file = files.get(customer_id)
        if file is not None:
            files.let_age(file, until=event.at)
        if isinstance(event.data, CustomerRecorded):
            _record(files, event, locks, keys.get(customer_id))
            for orphan in orphans.pop(customer_id, ()):
                files.hear_account(orphan, at=event.at)
        elif file is not None:
            files.hear_account(event, at=event.at)
        else:
            orphans[customer_id].append(event)
    for customer_id, waiting in orphans.items():
        for orphan in waiting:
            await tx.park(orphan, waiting_for=customer_id)
    await files.save()


def _with_identity(events: Batch) -> set[str]:
    facts = (event.data for event in events)
    return {fact.customer_id for fact in facts if isinstance(fact, CustomerRecorded) and fact.identity is not None}


async def _wake(tx: Transaction, files: Files, events: Batch) -> defaultdict[str, list[Received[Any]]]:
    """The parked accounts of customers who become known in this batch, in the order they came."""
    records = [event for event in events if isinstance(event.data, CustomerRecorded)]
    new = sorted({event.data.customer_id for event in records if event.data.customer_id not in files})
    orphans: defaultdict[str, list[Received[Any]]] = defaultdict(list)
    if new:
        # They are handled at the time of the record that wakes them, each its own; this `at` is read by nobody.
        for orphan in await tx.wake(new, at=tx.now):
            orphans[orphan.data.customer_id].append(orphan)
    return orphans


def _record(files: Files, event: Received[CustomerRecorded], locks: Locks, key: CustomerKey | None) -> None:
    """A fault in the identity is noted with it and refuses nothing: a customer is not lost because a core is dirty."""
    record, stamp = event.data, Stamp(event.data.recorded_at, event.id)
    file = files.get(record.customer_id)
    if not domain.is_later(file, stamp):
        return
    told = domain.checked(_plain(record.identity) if record.identity else {})
    identity = locks.sealed(told.identity, key) if key and told.identity else NO_IDENTITY
    if file is None:
        after = domain.opened(record.customer_id, _facts(record), identity, stamp, at=event.at, faults=told.faults)
    else:
        left = _left_of(file, key)
        after = domain.recorded(left, _facts(record), identity, stamp, at=event.at, faults=told.faults)
    files.put(after, time=event.at, cause=event)


def _left_of(file: File, key: CustomerKey | None) -> File:
    """The file without the identity that staff corrected, where the key that sealed it was destroyed since."""
    corrected = {field: moment for field, moment in file.corrected.items() if field not in IDENTITY}
    if len(corrected) == len(file.corrected):
        return file
    try:
        opened(file.identity, key)
    except CannotDecrypt:
        return replace(file, identity=NO_IDENTITY, corrected=corrected, faults={})
    return file


def _plain(identity: Identity) -> Plain:
    return {field: getattr(identity, field) for field in IDENTITY}


def _facts(record: CustomerRecorded) -> Facts:
    return Facts(
        type=record.type,
        unit=record.unit,
        region=record.region,
        relationship_manager=record.relationship_manager,
        birth_year=record.birth_year,
        gender=record.gender,
        status=record.status,
        customer_since=record.customer_since,
    )
