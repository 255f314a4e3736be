"""Interventions, their steps and their history in PostgreSQL."""
