"""What a customer's classes are, and since when each has held."""
