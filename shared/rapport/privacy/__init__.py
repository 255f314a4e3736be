"""Personal data at rest and on a screen: encryption by field and masking by type, both on by default."""
