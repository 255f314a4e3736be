"""All SQL of challengers: which there were, and the shadows of customers by them."""
