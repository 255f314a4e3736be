"""What a customer has consented to, as a ledger that only grows; who may do what follows from it as of any time."""
