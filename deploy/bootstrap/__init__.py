"""Turns a bare checkout into one that runs, with nothing but the system's own Python: `python3 -m deploy.bootstrap`."""
