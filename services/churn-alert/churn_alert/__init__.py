"""Churn-alert: who is drifting away, seen against the customer's own past, and what became of the warning."""
