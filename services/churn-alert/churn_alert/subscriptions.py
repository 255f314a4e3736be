"""What churn-alert hears, and what each fact starts."""

from functools import partial
from typing import Any

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.erasing import on_files_ended
from churn_alert.alert.handlers import follow_crossings
from churn_alert.alert.leaving_alone import on_care_consents
from churn_alert.alert.merging import on_customers_grouped
from churn_alert.alert.owners import on_profiles
from churn_alert.intervention.alongside import with_leaving, with_managers, with_noes, word_by_word
from churn_alert.intervention.handlers.answering import on_contacts_answered
from churn_alert.lifecycle import alongside
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.handlers import on_behaviour
from churn_alert.risk.holdings import on_holdings
from churn_alert.tables import employees, segments, tiers
from rapport.events import bank, contact, customer_profile
from rapport.events.feedback import FeedbackClassified
from rapport.events.scoring import SegmentChanged, TierChanged
from rapport.messaging.poll import Subscriptions
from rapport.segment.handlers import on_segments_changed
from rapport.sight.handlers import on_employees_changed
from rapport.tier.handlers import on_tiers_changed


def subscriptions(rules: Rules, alerting: Alerting, stages: alongside.Staging) -> Subscriptions:
    """One handler for all, so that in stream time a batch of them keeps the order of time of the bank's facts.

    Who is one customer comes first, so that it is decided as one, and tiers and segments before what is decided by
    them; consents last, so that what came in the same poll is decided before a no, and stamped with the consents that
    were heeded then. Who is erased comes after all else.
    """
    on_risks = partial(on_behaviour, rules=rules, follow=partial(follow_crossings, alerting=alerting))
    handler = alongside.with_behaviour(on_risks, stages)
    given: Any = {"rules": rules, "alerting": alerting}
    on_grouped = with_leaving(alongside.with_groups(partial(on_customers_grouped, **given), stages))
    on_told = word_by_word(with_managers(with_leaving(alongside.with_profiles(partial(on_profiles, **given), stages))))
    on_heeded = alongside.with_consents(partial(on_care_consents, **given), stages)
    on_consents = word_by_word(with_leaving(with_noes(on_heeded)))

    return {
        customer_profile.CustomersMerged: on_grouped,
        customer_profile.CustomersUnmerged: on_grouped,
        TierChanged: partial(on_tiers_changed, table=tiers),
        SegmentChanged: partial(on_segments_changed, table=segments),
        bank.AccountChanged: handler,
        bank.HoldingChanged: on_holdings,
        bank.TransactionRecorded: handler,
        bank.InteractionRecorded: handler,
        FeedbackClassified: handler,
        customer_profile.CustomerProfiled: on_told,
        contact.ContactDelivered: on_contacts_answered,
        contact.ContactRefused: on_contacts_answered,
        customer_profile.ConsentChanged: on_consents,
        bank.EmployeeChanged: partial(on_employees_changed, table=employees),
        customer_profile.CustomerErased: alongside.with_erasure(partial(on_files_ended, **given), stages),
    }
