"""What churn-alert hears, and what each fact starts."""

from functools import partial

from churn_alert.alert.handlers import follow_crossings
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.handlers import on_behaviour
from churn_alert.tables import consents
from rapport.consent.handlers import on_consents_changed
from rapport.events.bank import InteractionRecorded, TransactionRecorded
from rapport.events.customer_profile import ConsentChanged
from rapport.events.feedback import FeedbackClassified
from rapport.messaging.poll import Subscriptions


def subscriptions(rules: Rules) -> Subscriptions:
    """One handler for all, so that in stream time a batch of them keeps the order of time of the bank's facts.

    Consents come first: what is decided in the same poll is stamped with them.
    """
    handler = partial(on_behaviour, rules=rules, follow=follow_crossings)
    return {
        ConsentChanged: partial(on_consents_changed, table=consents),
        TransactionRecorded: handler,
        InteractionRecorded: handler,
        FeedbackClassified: handler,
    }
