"""What was recommended to the ECIF is answered by its words, whichever came first."""

from collections.abc import Collection
from dataclasses import replace

from customer_profile.merge.domain.answers import answered
from customer_profile.merge.domain.proposals import Proposal
from customer_profile.merge.store import ledger, queue
from rapport.messaging.transaction import Transaction
from rapport.person.store import persons_of


async def answer_recommended(tx: Transaction, files: Collection[str]) -> None:
    """Close what was recommended on these files or on files of their persons, or open it again."""
    persons = await persons_of(tx.connection, files)
    recommended = await queue.recommended_on(tx.connection, [file for person in persons.values() for file in person])
    await queue.keep_states(tx.connection, await with_answers(tx, recommended))


async def with_answers(tx: Transaction, recommended: Collection[Proposal]) -> list[Proposal]:
    """The proposals as the words on their files leave them, while `ledger.lock_acts` is held."""
    named = {file for one in recommended for file in (one.survivor, one.merged)}
    files = [file for person in (await persons_of(tx.connection, named)).values() for file in person]
    acts = await ledger.acts_on(tx.connection, files)
    return [replace(one, state=answered(one, acts, files)) for one in recommended]
