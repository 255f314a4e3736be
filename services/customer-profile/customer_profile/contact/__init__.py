"""Reaching a customer: the one place that does, by what the customer allows and how often the bank may."""
