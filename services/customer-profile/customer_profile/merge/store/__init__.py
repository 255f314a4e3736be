"""The tables of merging: the ledger of acts with who is one person by it, and the queue of proposals."""
