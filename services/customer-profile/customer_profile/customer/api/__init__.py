"""The customers over REST: what may be asked, what is shown, and the operations."""

from customer_profile.customer.api.listing import router as listing
from customer_profile.customer.api.look_ups import router as look_ups
from customer_profile.customer.api.routes import known_customer, router
from customer_profile.customer.api.status import router as status

__all__ = ["known_customer", "listing", "look_ups", "router", "status"]
