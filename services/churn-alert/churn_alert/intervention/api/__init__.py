"""Interventions and tasks over REST: what is done for whom, what the caller is to do, and how it ended."""
