"""What customer-profile tells of a customer's consents, as the other services' tests need it."""

from rapport.events.customer_profile import ConsentChanged, PurposeConsent
from tests.support.delivering import NOON


def consents(customer_id: str = "c-1", *, revision: int = 1, sms: bool = True) -> ConsentChanged:
    """The customer allows text messages or does not, and what the law asks for anyway."""
    told = (
        PurposeConsent(purpose="marketing-sms", allowed=sms, since=NOON, legal_basis="consent"),
        PurposeConsent(purpose="anti-money-laundering", allowed=True, legal_basis="legal-obligation"),
    )
    return ConsentChanged(customer_id=customer_id, purposes=told, as_of=NOON, revision=revision)
