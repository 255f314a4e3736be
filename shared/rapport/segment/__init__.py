"""A service's own copy of each customer's segment, built from segment-changed."""
