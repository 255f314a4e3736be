"""What opens an entry by rule, and what becomes of it."""
