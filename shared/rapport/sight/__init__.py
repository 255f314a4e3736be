"""Whose customers a caller sees, by a service's own copy of who manages each customer and who works where."""
