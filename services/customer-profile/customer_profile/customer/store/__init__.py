"""What is kept of customers: their files, and who corrected and who looked for them."""

from customer_profile.customer.store.acts import (
    changes,
    customer_changes,
    look_ups,
    note_change,
    note_look_up,
    page_of_look_ups,
)
from customer_profile.customer.store.files import file_of, found_by, load, lock_index, profiles, save
from customer_profile.customer.store.indexing import count_unindexed, forget_erased, unindexed
from customer_profile.customer.store.life import archived, end_of, file_steps, gone, life, note_life
from customer_profile.customer.store.listing import ORDERS, Filters, page, place_of
from customer_profile.customer.store.sight import files_in_sight, find, in_sight, persons_in_sight
from customer_profile.customer.store.steps import note_steps, status_steps, steps

__all__ = [
    "ORDERS",
    "Filters",
    "archived",
    "changes",
    "count_unindexed",
    "customer_changes",
    "end_of",
    "file_of",
    "file_steps",
    "files_in_sight",
    "find",
    "forget_erased",
    "found_by",
    "gone",
    "in_sight",
    "life",
    "load",
    "lock_index",
    "look_ups",
    "note_change",
    "note_life",
    "note_look_up",
    "note_steps",
    "page",
    "page_of_look_ups",
    "persons_in_sight",
    "place_of",
    "profiles",
    "save",
    "status_steps",
    "steps",
    "unindexed",
]
