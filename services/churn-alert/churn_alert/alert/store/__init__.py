"""The tables of alerts and their history, and all SQL about them."""
