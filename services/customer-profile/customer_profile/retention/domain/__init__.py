"""The rules of keeping: when a file is due, what postpones it, and that two people agree."""
