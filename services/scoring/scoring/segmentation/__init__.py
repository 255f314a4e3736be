"""Which segment each customer is in, since when: what is told of it, apart from all that decides."""
