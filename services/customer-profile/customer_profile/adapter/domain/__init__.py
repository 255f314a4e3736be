"""What a mapping makes of a raw record, what becomes of a posting, and how a day is reconciled."""
