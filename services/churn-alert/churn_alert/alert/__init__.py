"""Warnings about customers who drift away: at most one open for each, and what became of it."""
