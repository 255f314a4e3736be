"""Measurements: each prints a table and the ratio to its floor, measured in the same run. `make bench`."""
