"""What happens to customers' files: the bank's facts, requests of staff, and the turn of a year."""

from customer_profile.customer.handlers.ageing import fire_due_age_bands
from customer_profile.customer.handlers.facts import on_bank_facts
from customer_profile.customer.handlers.files import present_states
from customer_profile.customer.handlers.gone import sparing
from customer_profile.customer.handlers.indexing import index_customers
from customer_profile.customer.handlers.looking_up import look_up, note_refused
from customer_profile.customer.handlers.requests import correct_customer, corrected, create_customer
from customer_profile.customer.handlers.stepping import take_step

__all__ = [
    "correct_customer",
    "corrected",
    "create_customer",
    "fire_due_age_bands",
    "index_customers",
    "look_up",
    "note_refused",
    "on_bank_facts",
    "present_states",
    "sparing",
    "take_step",
]
