"""Which files are one person, as customer-profile told it: the copy that each service sums a person's state over."""
