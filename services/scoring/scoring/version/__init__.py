"""Documents in versions: drafted by one person, approved by another, in force from a date, never altered."""
