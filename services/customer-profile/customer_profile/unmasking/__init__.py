"""Identity in clear: one field of one customer, once, for a purpose, and who asked for it is kept."""
