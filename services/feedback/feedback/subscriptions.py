"""What this service hears, and who handles it."""

from functools import partial

from feedback.case.handlers.submissions import on_feedback_submitted
from feedback.tables import consents
from feedback.tier.handlers import on_tiers_changed
from rapport.consent.handlers import on_consents_changed
from rapport.events.bank import FeedbackSubmitted
from rapport.events.customer_profile import ConsentChanged
from rapport.events.scoring import TierChanged
from rapport.messaging.poll import Subscriptions
from rapport.privacy.keyring import Keyring


def subscriptions(keyring: Keyring) -> Subscriptions:
    """Consents and tiers first: a case opened in the same poll is given those that came with it."""
    return {
        ConsentChanged: partial(on_consents_changed, table=consents),
        TierChanged: on_tiers_changed,
        FeedbackSubmitted: partial(on_feedback_submitted, keyring=keyring),
    }
