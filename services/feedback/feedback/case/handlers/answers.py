"""What staff do with a case over REST. The moment of each is the customer's own clock, read and never moved."""

from uuid import UUID

from feedback.case.domain import lifecycle
from feedback.case.domain.history import place_of_words
from feedback.case.domain.lifecycle import Case, CaseNotFound
from feedback.case.handlers.deadlines import fire_due_clocks
from feedback.case.handlers.outcome import Outcome
from feedback.case.store import files
from rapport.messaging.transaction import Transaction
from rapport.privacy.keyring import Keyring


async def respond(tx: Transaction, case_id: UUID, text: str, *, keyring: Keyring, by: str) -> Case:
    """Keep the answer the customer was given and stop the first clock."""
    case = await _present(tx, case_id)
    at = tx.clock_of(case.customer_id)
    answered = lifecycle.respond(case, at)
    return await _changed(tx, answered, keyring=keyring, words=text, by=by)


async def resolve(tx: Transaction, case_id: UUID, root_cause: str | None, *, by: str) -> Case:
    """Stop the second clock, and say what lay behind if that is known."""
    case = await _present(tx, case_id)
    resolved = lifecycle.resolve(case, tx.clock_of(case.customer_id), root_cause=root_cause)
    return await _changed(tx, resolved, by=by)


async def reopen(tx: Transaction, case_id: UUID, reason: str, *, keyring: Keyring, by: str) -> Case:
    """The customer is not content: both clocks begin again."""
    case = await _present(tx, case_id)
    reopened = lifecycle.reopen(case, tx.clock_of(case.customer_id))
    return await _changed(tx, reopened, keyring=keyring, words=reason, by=by)


async def _present(tx: Transaction, case_id: UUID) -> Case:
    """The case as of this moment: what fell due by now is breached before anybody stops it."""
    customer_id = await files.customer_of(tx.connection, case_id)
    if customer_id is None:
        raise CaseNotFound
    await fire_due_clocks(tx, [customer_id])
    found = await files.find(tx.connection, case_id)
    if found is None:
        raise CaseNotFound
    return found.case


async def _changed(
    tx: Transaction, case: Case, *, by: str, keyring: Keyring | None = None, words: str | None = None
) -> Case:
    sealed = None
    if keyring is not None and words is not None:
        key = (await keyring.load(tx.connection, [case.customer_id]))[case.customer_id]
        sealed = key.encrypt("case_events", "words", words, row=place_of_words(case.case_id, case.run, case.status))
    outcome = Outcome(tx)
    outcome.change(case, tx.clock_of(case.customer_id), actor=by, words=sealed)
    await outcome.save()
    return case
