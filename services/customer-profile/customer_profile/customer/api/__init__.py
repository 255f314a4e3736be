"""The customers over REST: what may be asked, what is shown, and the operations."""

from customer_profile.customer.api.access import CustomerId, noting_refusal, on_all_customers, on_customer
from customer_profile.customer.api.accounts import router as accounts
from customer_profile.customer.api.listing import router as listing
from customer_profile.customer.api.look_ups import router as look_ups
from customer_profile.customer.api.routes import router
from customer_profile.customer.api.status import router as status

__all__ = [
    "CustomerId",
    "accounts",
    "listing",
    "look_ups",
    "noting_refusal",
    "on_all_customers",
    "on_customer",
    "router",
    "status",
]
