"""What becomes of requests to reach a customer: taken in, decided when they fall due, handed over."""

from customer_profile.contact.handlers.deciding import Rules, decide_due
from customer_profile.contact.handlers.handing_over import HandOver
from customer_profile.contact.handlers.requests import on_contacts_requested, refuse_ended, refuse_waiting

__all__ = ["HandOver", "Rules", "decide_due", "on_contacts_requested", "refuse_ended", "refuse_waiting"]
