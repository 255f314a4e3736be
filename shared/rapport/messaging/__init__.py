"""Delivery: every event has its effect exactly once, however often it arrives and whatever dies meanwhile.

One poll is one transaction. `poll.py` reads top to bottom; the files beside it are its steps.
"""
