"""Standings: where a customer stands now, in which tier since when, and how that came about."""
