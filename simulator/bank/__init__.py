"""The seeded bank: the same plan gives the same bytes, on any machine and in any process."""

from simulator.bank.history import Bank
from simulator.bank.plan import Plan

__all__ = ["Bank", "Plan"]
