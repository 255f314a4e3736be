"""How a model comes about, and how every process comes to know it."""
