"""A service's own copy of each customer's tier, built from tier-changed."""
