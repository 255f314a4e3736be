"""The tables of abnormal activity, and all SQL about them."""
