"""A tier that people give a customer for a time: proposed by one, approved by another."""
