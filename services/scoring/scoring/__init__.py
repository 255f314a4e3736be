"""Scoring: where every customer stands, in which tier, and why."""
