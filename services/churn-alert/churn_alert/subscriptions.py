"""What churn-alert hears, and what each fact starts."""

from functools import partial

from churn_alert.alert.handlers import follow_crossings
from churn_alert.alert.merging import on_customers_grouped
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.handlers import on_behaviour
from churn_alert.tables import consents
from rapport.consent.handlers import on_consents_changed
from rapport.events.bank import InteractionRecorded, TransactionRecorded
from rapport.events.customer_profile import ConsentChanged, CustomersMerged, CustomersUnmerged
from rapport.events.feedback import FeedbackClassified
from rapport.messaging.poll import Subscriptions


def subscriptions(rules: Rules) -> Subscriptions:
    """One handler for all, so that in stream time a batch of them keeps the order of time of the bank's facts.

    Consents come first: what is decided in the same poll is stamped with them; and who is one customer, so that it is
    decided as one.
    """
    handler = partial(on_behaviour, rules=rules, follow=follow_crossings)
    on_grouped = partial(on_customers_grouped, rules=rules)
    return {
        ConsentChanged: partial(on_consents_changed, table=consents),
        CustomersMerged: on_grouped,
        CustomersUnmerged: on_grouped,
        TransactionRecorded: handler,
        InteractionRecorded: handler,
        FeedbackClassified: handler,
    }
