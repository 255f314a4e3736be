"""A correction is asked for, decided on, withdrawn: what is approved goes the way of every other correction."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import UUID

from customer_profile.correction import store
from customer_profile.correction.domain import (
    Calendar,
    Correction,
    CorrectionEnded,
    CorrectionNotFound,
    CorrectionOfAnother,
    Ground,
    NothingToCorrect,
    Outcome,
    demand_evidence,
    demand_ground,
    superseded,
)
from customer_profile.customer.domain import IDENTITY, CustomerNotFound
from customer_profile.customer.handlers import correct_customer, corrected
from customer_profile.customer.identity import Locks
from customer_profile.customer.store import load
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.privacy.keyring import CustomerKey

_TABLE, _COLUMN = store.corrections.name, store.corrections.c.asked.name
Values = Mapping[str, Any]
"""Fields of the identity, and FACTS, with the values asked for."""
InClear: TypeAlias = Mapping[str, str | int | None]
"""The same as they are read again: nothing of it is shown as it is."""


async def ask(
    tx: Transaction,
    customer_id: str,
    values: Values,
    *,
    evidence_digest: str | None,
    channel: str,
    by: str,
    locks: Locks,
    calendar: Calendar,
) -> Correction:
    """Keep a request; what it asks is sealed, and nothing of the file changes. One it covers whole is superseded.

    Raises CustomerNotFound, CorrectionInvalid, CorrectionOverlaps, NothingToCorrect, IdentityInvalid and
    IdentityIncomplete.
    """
    file = (await load(tx.connection, [customer_id])).get(customer_id)
    if file is None:
        raise CustomerNotFound
    would_be = await corrected(tx, file, *_parted(values), locks=locks, at=tx.clock_of(customer_id))
    if not would_be.fields:
        raise NothingToCorrect("every field is as asked already")
    fields = tuple(sorted(values))
    demand_evidence(fields, evidence_digest)
    others = map(store.correction_of, await store.open_of(tx.connection, [customer_id]))
    if replaced := superseded(fields, others):
        ids = [other.correction_id for other in replaced]
        await store.end(tx.connection, ids, state="superseded", by=by, at=tx.now)
    # Who supersedes the request of another wins no time for its answer.
    due_at = min([calendar.due_at(tx.now), *(other.due_at for other in replaced if other.asked_by != by)])
    made = Correction(new_id(), customer_id, fields, evidence_digest, channel, by, tx.now, due_at=due_at)
    key = (await locks.keyring.load(tx.connection, [customer_id]))[customer_id]
    await store.add(tx.connection, made, _sealed(key, made.correction_id, values))
    return made


async def decide(
    tx: Transaction,
    correction_id: UUID,
    outcome: Outcome,
    ground: Ground | None,
    *,
    by: str,
    rights: Collection[str],
    locks: Locks,
) -> Correction:
    """End a request; an approved one corrects the file as `PATCH` does, and what it asked for is forgotten.

    Raises CorrectionNotFound, CorrectionEnded, CorrectionByOnePerson, CorrectionInvalid, and what a correction raises.
    """
    row = await store.find(tx.connection, correction_id)
    if row is None:
        raise CorrectionNotFound
    correction = store.correction_of(row)
    correction.demand_second_person(by)
    demand_ground(outcome, ground)
    if outcome == "approved":
        key = (await locks.keyring.find(tx.connection, [correction.customer_id])).get(correction.customer_id)
        if key is None:
            raise CorrectionEnded("the customer is erased, and what was asked with them")
        facts, identity = _parted(opened(key, correction_id, row["asked"]))
        await correct_customer(
            tx, correction.customer_id, facts, identity, locks=locks, by=by, rights=rights, revision=None
        )
    await store.end(tx.connection, [correction_id], state=outcome, by=by, at=tx.now, ground=ground)
    return replace(correction, state=outcome, decided_by=by, decided_at=tx.now, ground=ground)


async def withdraw(tx: Transaction, correction_id: UUID, *, by: str, files: Collection[str] = ()) -> Correction:
    """End a request by who brought it, or by the customer whose `files` these are, over whichever channel.

    Raises CorrectionNotFound, also of another's file, CorrectionEnded and CorrectionOfAnother.
    """
    row = await store.find(tx.connection, correction_id)
    if row is None or (files and row["customer_id"] not in files):
        raise CorrectionNotFound
    correction = store.correction_of(row)
    correction.demand_open()
    if not files and by != correction.asked_by:
        raise CorrectionOfAnother("a request is withdrawn by who brought it; others decide on it")
    await store.end(tx.connection, [correction_id], state="withdrawn", by=by, at=tx.now)
    return replace(correction, state="withdrawn", decided_by=by, decided_at=tx.now)


def opened(key: CustomerKey, correction_id: UUID, asked: bytes) -> InClear:
    """What a request asks for, in clear. Raises CannotDecrypt."""
    found: InClear = json.loads(key.decrypt(_TABLE, _COLUMN, asked, row=str(correction_id)))
    return found


def _sealed(key: CustomerKey, correction_id: UUID, values: Values) -> bytes:
    return key.encrypt(_TABLE, _COLUMN, json.dumps(dict(values)), row=str(correction_id))


def _parted(values: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and identity."""
    facts = {field: value for field, value in values.items() if field not in IDENTITY}
    return facts, {field: value for field, value in values.items() if field in IDENTITY}
