"""A customer's file: identity under lock, and the facts others may know."""
