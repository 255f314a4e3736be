"""What raw records and accounts make known, in one transaction."""

from customer_profile.adapter.handlers.facts import Topics, on_core_facts

__all__ = ["Topics", "on_core_facts"]
