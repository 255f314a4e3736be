"""Which accounts a customer holds, as the core last told it."""
