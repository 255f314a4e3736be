"""When a day of all raw topics is over: as soon as every partition of each of them has passed its mark."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

Log = tuple[str, int]
Closed = tuple[datetime, date]


def closed_everywhere(closed: Mapping[Log, Closed], logs: Iterable[Log]) -> Closed | None:
    """Up to when all logs are closed; None while one has passed no mark yet."""
    ends = [closed.get(log) for log in logs]
    known = [end for end in ends if end is not None]
    return min(known) if known and len(known) == len(ends) else None
