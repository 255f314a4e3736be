"""The rules of merging: who is one person by a set of acts, and what of it is refused."""
