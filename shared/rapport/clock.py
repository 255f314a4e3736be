"""What time it is. The only place that asks the system; handlers and rules are given the moment instead."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The system clock, aware, in UTC."""
    return datetime.now(UTC)
