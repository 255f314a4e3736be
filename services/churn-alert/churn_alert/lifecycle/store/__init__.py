"""The tables of stages and of their changes, and all SQL about them."""
