"""The rules of probable duplicates: what is compared, what it says, and what becomes of a pair."""
