"""Two files of one person: found by what they have in common, decided on by people."""
