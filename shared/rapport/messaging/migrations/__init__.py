"""Revisions of the delivery tables, run beside each service's own."""
