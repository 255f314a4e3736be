"""All SQL of the casebook."""
