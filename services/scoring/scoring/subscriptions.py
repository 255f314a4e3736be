"""What scoring hears, and what each fact starts."""

from functools import partial

from rapport.events.bank import HoldingChanged, TransactionRecorded
from rapport.events.customer_profile import CustomerProfiled
from rapport.messaging.poll import Subscriptions
from scoring.override.handlers import on_customers_profiled
from scoring.standing.domain.tiering import Rules
from scoring.standing.handlers import on_bank_facts


def subscriptions(rules: Rules) -> Subscriptions:
    """One handler for the bank's two, so that in stream time a batch of them keeps its order of time. Who refuses
    automated decisions comes last: no fact of the bank in the same poll is decided before it.
    """
    handler = partial(on_bank_facts, rules=rules)
    return {
        TransactionRecorded: handler,
        HoldingChanged: handler,
        CustomerProfiled: partial(on_customers_profiled, rules=rules),
    }
