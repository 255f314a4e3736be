"""What a process knows of what is stored is held against that again once ten seconds are over, alike for all of it."""

from datetime import UTC, datetime, timedelta

NEVER = datetime.min.replace(tzinfo=UTC)
TAKEN_UP_WITHIN = timedelta(seconds=10)
"""No transaction begins to decide by what was compared with the stored longer ago."""


class Compared:
    """By the system clock, set back or not: one that only runs forwards stands still while a machine sleeps."""

    compared_at = NEVER
    """When this was last held against what is stored."""

    def is_outdated(self, now: datetime) -> bool:
        """Is it time to look at what is stored?"""
        return abs(now - self.compared_at) > TAKEN_UP_WITHIN
