"""Opens the review of a decision, and keeps what a person answered."""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.privacy.keyring import Keyring
from scoring.appeal import store
from scoring.appeal.domain import (
    Answer,
    AppealAlreadyOpen,
    AppealNotFound,
    DecisionNotFound,
    demand_answerable,
)
from scoring.override import store as overrides
from scoring.standing.domain.state import StandingNotFound
from scoring.standing.store import reading


async def open_appeal(
    tx: Transaction,
    customer_id: str,
    revision: int | None,
    note: str | None,
    *,
    by: str,
    within: timedelta,
    keyring: Keyring,
) -> UUID:
    """Open a review, of the latest decision without a `revision`, that is due `within` a time.

    Raises StandingNotFound, DecisionNotFound and AppealAlreadyOpen.
    """
    decided = await store.find_decision(tx.connection, customer_id, revision)
    if decided is None:
        if not await reading.exists(tx.connection, customer_id):
            raise StandingNotFound
        raise DecisionNotFound(
            "revision: names no decision on this customer; without it the latest is meant, and "
            "GET /standings/{customer_id}/history lists them all"
        )
    if await store.is_open(tx.connection, customer_id, decided):
        raise AppealAlreadyOpen("revision: an appeal against this decision is open; another can follow its answer")
    appeal_id, at = new_id(), tx.clock_of(customer_id)
    row = {"appeal_id": appeal_id, "customer_id": customer_id, "revision": decided, "opened_by": by}
    sealed = await _sealed(tx, customer_id, "appeals", note, appeal_id, keyring)
    await store.add(tx.connection, {**row, "opened_at": at, "due_at": at + within, "note": sealed})
    return appeal_id


async def answer_appeal(tx: Transaction, appeal_id: UUID, said: Answer, *, by: str, keyring: Keyring) -> None:
    """Keep the answer for ever, a late one too.

    Raises AppealNotFound, AppealAlreadyAnswered, ReviewerTookPart and AnswerWithoutEffect.
    """
    row = await store.find(tx.connection, appeal_id)
    if row is None:
        raise AppealNotFound
    appeal, customer_id = store.appeal_of(row), row["customer_id"]
    named = await overrides.find(tx.connection, said.override_id) if said.override_id else None
    parties = await overrides.parties(
        tx.connection, customer_id, revision=appeal.revision, override_id=said.override_id
    )
    demand_answerable(appeal, by, parties, overrides.proposal_of(named) if named else None, said)
    sealed = await _sealed(tx, customer_id, "appeal_answers", said.note, appeal_id, keyring)
    answered = {"appeal_id": appeal_id, "answered_by": by, "answered_at": tx.clock_of(customer_id), "note": sealed}
    await store.add_answer(tx.connection, {**asdict(said), **answered})


async def _sealed(
    tx: Transaction, customer_id: str, table: str, note: str | None, appeal_id: UUID, keyring: Keyring
) -> bytes | None:
    if note is None:
        return None
    key = (await keyring.load(tx.connection, [customer_id]))[customer_id]
    return key.encrypt(table, "note", note, row=str(appeal_id))
