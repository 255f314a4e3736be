"""The tables of portraits, and the one read of a whole one."""

from customer_profile.portrait.store.facts import keep, prune_interactions
from customer_profile.portrait.store.months import load_months, save_months
from customer_profile.portrait.store.reading import Found, find

__all__ = ["Found", "find", "keep", "load_months", "prune_interactions", "save_months"]
