"""How far the bank has been heard, in PostgreSQL."""
