"""What scoring hears, and what each fact starts."""

from functools import partial

from rapport.events.bank import HoldingChanged, TransactionRecorded
from rapport.messaging.poll import Subscriptions
from scoring.standing.domain.tiering import Rules
from scoring.standing.handlers import on_bank_facts


def subscriptions(rules: Rules) -> Subscriptions:
    """One handler for both, so that in stream time a batch of them keeps its order of time."""
    handler = partial(on_bank_facts, rules=rules)
    return {TransactionRecorded: handler, HoldingChanged: handler}
