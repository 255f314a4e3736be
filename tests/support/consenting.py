"""What customer-profile tells of a customer's consents, as the other services' tests need it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from rapport.events.customer_profile import ConsentChanged, PurposeConsent
from tests.support.delivering import NOON


def consents(
    customer_id: str = "c-1",
    *,
    revision: int = 1,
    sms: bool = True,
    granted: Collection[str] = (),
    refused: Collection[str] = (),
    unsaid: Collection[str] = (),
    covering: Mapping[str, Collection[str]] | None = None,
    at: datetime = NOON,
) -> ConsentChanged:
    """The customer allows text messages or does not, and what the law asks for anyway; and these purposes besides, of
    which those `unsaid` were never spoken of. `covering`: granted, for these categories of data.
    """
    covered = {} if covering is None else covering
    told = (
        *(
            PurposeConsent(purpose=one, allowed=True, since=at, legal_basis="consent", data_categories=tuple(data))
            for one, data in covered.items()
        ),
        *(PurposeConsent(purpose=one, allowed=True, since=at, legal_basis="consent") for one in granted),
        *(PurposeConsent(purpose=one, allowed=False, since=at, legal_basis="consent") for one in refused),
        *(PurposeConsent(purpose=one, allowed=False, legal_basis="consent") for one in unsaid),
        PurposeConsent(purpose="marketing-sms", allowed=sms, since=at, legal_basis="consent"),
        PurposeConsent(purpose="anti-money-laundering", allowed=True, legal_basis="legal-obligation"),
    )
    return ConsentChanged(customer_id=customer_id, purposes=told, as_of=at, revision=revision)
