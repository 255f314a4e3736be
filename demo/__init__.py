"""A bank's year in a minute: the whole system started, fed, watched and judged. `make demo`."""
