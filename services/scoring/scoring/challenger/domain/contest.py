"""Which version is the challenger, and what may become of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rapport.errors import DomainError
from scoring.challenger.domain.comparison import Comparison
from scoring.comparing import NEVER, Compared
from scoring.standing.domain.rules import Rules

BEGINS_AFTER = timedelta(seconds=30)
"""Every process has taken the challenger up by then, so that from its first event on none is passed over."""
COUNTED_EVERY = timedelta(minutes=1)


class ChallengerNotFound(DomainError):
    """The version never was the challenger."""

    def __init__(self) -> None:
        super().__init__(
            "The version never was the challenger: check version. GET /scorecards lists all there are; "
            "GET /scorecards/{version}/acts has challenger-entered where one was"
        )


class ChallengerRefused(DomainError):
    """There is a challenger already, or the version was it once."""


class ChallengerEnded(DomainError):
    """The version is the challenger no longer."""


class NothingCompared(DomainError):
    """The shadow and the book have not been compared yet."""


@dataclass(frozen=True, slots=True)
class Challenger:
    """A version in shadow. It decides from `begins_at` on, and is brought to whoever is silent up to `begun_up_to`, a
    customer's id; None when all are there. `comparison`: as of `counted_at`.
    """

    version: int
    entered_at: datetime
    begins_at: datetime
    customers_total: int
    customers_done: int = 0
    begun_up_to: str | None = ""
    ended_at: datetime | None = None
    counted_at: datetime | None = None
    comparison: Comparison | None = None


@dataclass(slots=True)
class Ring(Compared):
    """The challenger as this process knows it; `rules`: the bank's, with the challenger as the only version.

    `unreadable`: the version that was not taken up because this release cannot read it.
    """

    version: int = 0
    begins_at: datetime = NEVER
    rules: Rules | None = None
    unreadable: int = 0
