"""What the other services and the bank tell of a customer, kept here so that one read shows all of it."""
