"""Which files are one person: acts of merging and unmerging, in which nothing of any file ever changes."""
