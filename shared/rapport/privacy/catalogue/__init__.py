"""The data catalogue: every attribute the system may hold, and the checks that nothing else is held."""
