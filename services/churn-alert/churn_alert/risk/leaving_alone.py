"""What becomes of risks when customers are to be left alone, by their no or a restriction, and when that is over."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import Rules, ToldCrossing
from churn_alert.risk.domain.remembering import remember
from churn_alert.risk.handlers import Follow, keep
from churn_alert.risk.store.asked import Objection, ask_with_words
from churn_alert.risk.store.persons import files_beside, persons_among
from churn_alert.risk.store.risks import load
from churn_alert.risk.telling import decided, lived
from rapport.events.base import AnyReceived
from rapport.messaging.transaction import Transaction

Heed = Callable[[Risk], None]
"""Has a risk take a word."""


class Word(NamedTuple):
    """What was said of a file. `objection`: why its customer is to be left alone from then on, if that is so."""

    event: AnyReceived
    take: Heed
    objection: Objection | None


async def heed(tx: Transaction, changed: Sequence[Word], *, rules: Rules, follow: Follow) -> None:
    """Let each of these words count. What silence brought before it is first.

    Who is left alone no longer is decided at once, and crosses upwards if the risk is that high. A file that was merged
    asks for its person, and says by which word.
    """
    risks = await load(tx.connection, [word.event.data.customer_id for word in changed])
    persons = await persons_among(tx.connection, risks)
    files = await files_beside(tx.connection, risks, persons)
    told: list[ToldCrossing] = []
    for event, take, _ in changed:
        risk = risks[event.data.customer_id]
        at = max(event.at, risk.decided_at or event.at)
        is_decided = risk.customer_id not in persons.merged_into and risk.first_event_at is not None
        if is_decided:
            told += lived(tx, risk, persons, rules, at)
        if risk.customer_id in persons.merged_into:
            remember(risk, at, files, persons.merged_into, rules)
        take(risk)
        if is_decided:
            told += decided(tx, risk, persons, rules, at, cause=event)
    await keep(tx, list(risks.values()), told, persons=persons, rules=rules, follow=follow)
    asking = ((persons.merged_into.get(word.event.data.customer_id), word) for word in changed)
    asked = [(one, tx.partition_of(one), word.event.at, word.event.id, word.objection) for one, word in asking if one]
    await ask_with_words(tx.connection, asked)
