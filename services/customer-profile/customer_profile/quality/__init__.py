"""How good the data of customers is, by source and attribute over time, and the queue in which a steward mends it."""
