"""The tables of risks and their crossings, and all SQL about them."""
