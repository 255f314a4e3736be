"""The rules of standings: what is kept of a customer, what can be said of it, which tier follows, and why in words."""
