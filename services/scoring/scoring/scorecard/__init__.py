"""Scorecards: how points follow from what a customer does; versioned data, never constants in code."""
