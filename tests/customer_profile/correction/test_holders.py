"""What a request to correct a file holds is in the data catalogue as what it is, not only as such a request."""

from customer_profile.correction.domain import FACTS
from customer_profile.correction.store import corrections
from customer_profile.correction.views import NewOwnCorrection
from customer_profile.customer.domain import IDENTITY
from rapport.privacy.catalogue.columns import codes_of
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.fields import entry_of_field, leaves_of


def test_a_request_holds_what_the_fields_are_that_can_be_asked_for() -> None:
    wanted = {*FACTS, *IDENTITY}
    fields = [name for name in leaves_of(NewOwnCorrection) if name in wanted]
    assert set(fields) == wanted
    found = [entry_of_field("NewOwnCorrection", name, published()) for name in fields]
    held = set(codes_of(corrections.c.asked, published()))
    assert held == {"correction-asked", *(one.code for one in found if one is not None)}
