"""What people of the bank do to a tier, and what a customer's own no does: each at once, and in the same way."""
