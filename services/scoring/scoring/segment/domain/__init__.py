"""The rules of segments: what a model says of a customer, how one is fitted, and how segments get names."""
