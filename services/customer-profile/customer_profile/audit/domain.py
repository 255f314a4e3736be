"""What an audit says of a period, and who did something unusually often: by the median, which no one person moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean, median
from typing import NamedTuple

UNUSUAL_FROM = 3.5
"""Of the modified z-score: Iglewicz and Hoaglin, How to detect and handle outliers (1993)."""
FEW = 10
"""So many in a period are nobody's copying of a book, whatever the others did."""
UNSEEN_DAYS = 90


class Counted(NamedTuple):
    """How often an operation was done by people of a role, and by how many of them; `unknown`: no employee."""

    operation: str
    detail: str
    role: str
    acts: int
    callers: int


class Daily(NamedTuple):
    """How often an operation was done on a day."""

    operation: str
    day: date
    acts: int


class Caller(NamedTuple):
    """How many fields somebody saw in clear. `score`: how far beyond the others, None where that is not unusual."""

    subject: str
    role: str
    unmaskings: int
    score: float | None


class Unseen(NamedTuple):
    """Somebody who may do something and was not seen to; `last_at`: when last, None for never."""

    subject: str
    role: str
    last_at: datetime | None


class Refused(NamedTuple):
    """What was refused at the door, last in this period; `records`: since it was first."""

    topic: str
    field: str
    kind: str
    records: int


class Waiting(NamedTuple):
    """Files that were found due to end and have not: in batches of this state, the oldest proposed then."""

    state: str
    files: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """An audit. Days are the bank's, both included. `policies`: what was in force when it was drawn up."""

    first: date
    last: date
    counted: Sequence[Counted]
    daily: Sequence[Daily]
    callers: Sequence[Caller]
    unseen: Sequence[Unseen]
    refused: Sequence[Refused]
    corrections_overdue: int
    corrections_answered_late: int
    retention_waiting: Sequence[Waiting]
    policies: Mapping[str, str]


def scores(counts: Mapping[str, int]) -> dict[str, float]:
    """Each subject's modified z-score: distance from the median in units of the median distance, 0.6745 of it.

    Where more than half are equal, in units of the mean distance (by 1.253314, as for a normal distribution).
    """
    if not counts:
        return {}
    middle = median(counts.values())
    distances = [abs(count - middle) for count in counts.values()]
    unit = median(distances) / 0.6745 or fmean(distances) * 1.253314
    return {subject: (count - middle) / unit if unit else 0.0 for subject, count in counts.items()}


def unusual(counts: Mapping[str, int]) -> dict[str, float]:
    """The scores of who did something unusually often."""
    return {s: score for s, score in scores(counts).items() if score > UNUSUAL_FROM and counts[s] > FEW}
