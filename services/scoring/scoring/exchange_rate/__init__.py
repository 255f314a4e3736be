"""What other currencies cost: what the bank told, when it was known, and which rate counts at a moment."""
