"""What this service hears, and who handles it."""

from functools import partial

from feedback.case.handlers.submissions import on_feedback_submitted
from feedback.tables import consents, customer_managers, employees, merged_files, metadata, tiers
from rapport.consent.handlers import on_consents_changed
from rapport.erasure.handlers import on_customers_erased
from rapport.events.bank import EmployeeChanged, FeedbackSubmitted
from rapport.events.customer_profile import (
    ConsentChanged,
    CustomerErased,
    CustomerProfiled,
    CustomersMerged,
    CustomersUnmerged,
)
from rapport.events.scoring import TierChanged
from rapport.messaging.poll import Subscriptions
from rapport.person.handlers import on_files_grouped
from rapport.privacy.keyring import Keyring
from rapport.sight.handlers import on_employees_changed, on_managers_told
from rapport.tier.handlers import on_tiers_changed


def subscriptions(keyring: Keyring) -> Subscriptions:
    """Consents, tiers and who is one customer first: a case opened in the same poll is given what came with it.
    Who is erased comes after all else.
    """
    on_grouped = partial(on_files_grouped, table=merged_files)
    return {
        ConsentChanged: partial(on_consents_changed, table=consents),
        CustomersMerged: on_grouped,
        CustomersUnmerged: on_grouped,
        TierChanged: partial(on_tiers_changed, table=tiers),
        CustomerProfiled: partial(on_managers_told, table=customer_managers),
        EmployeeChanged: partial(on_employees_changed, table=employees),
        FeedbackSubmitted: partial(on_feedback_submitted, keyring=keyring),
        CustomerErased: partial(on_customers_erased, metadata=metadata),
    }
