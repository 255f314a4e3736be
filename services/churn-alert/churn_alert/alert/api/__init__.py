"""Alerts over REST: staff see who is drifting away and why, and say what they do about it and how it ended."""
