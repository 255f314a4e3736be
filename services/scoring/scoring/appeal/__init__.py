"""A customer's appeal against a decision on the tier: reviewed by a person within a time, answered for ever."""
