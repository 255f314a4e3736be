"""The tables of the risk register, and all SQL about them."""
