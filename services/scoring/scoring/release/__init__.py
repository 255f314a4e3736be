"""The life of a scorecard version: drafted, dry-run, approved by a second person, in force from a date, rolled back."""
