"""Feedback and the case it opens: what was said, what it amounts to, and the two clocks of the answer."""
