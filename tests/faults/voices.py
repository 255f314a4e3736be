"""Customers who say what they think of the bank, and are moved between tiers meanwhile.

A third of what they say ran out of time long ago, a third can wait until tomorrow, and the clocks of the rest run out
within half a minute, by silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from rapport.events.bank import Channel, FeedbackSubmitted
from rapport.events.scoring import TierChanged
from simulator.marks import CHANNELS
from simulator.wire import Record
from tests.faults.crowd import DAY_MS, GROUPS, Crowd, ago

_KINDS = ("complaint", "enquiry", "praise", "suggestion", "rating")
_TIERS = 0.15
_LATE = 0.3
_SOON_MS = 30_000


@dataclass(slots=True)
class Speaker:
    """What must be remembered of one: the last revision of the tier, and one before it that is still to come."""

    customer_id: str
    revision: int = 0
    late: int | None = None


class Voices(Crowd[Speaker]):
    """Each says something under a product of its own: a case's id is a hash, which no recount can know it by."""

    sources = {FeedbackSubmitted: CHANNELS, TierChanged: "scoring", **GROUPS}  # noqa: RUF012 - a ClassVar of the base

    def newcomer(self) -> Speaker:
        """One who joins."""
        return Speaker(f"c-{self._rng.getrandbits(64):016x}")

    def facts(self, customer: Speaker) -> Iterator[Record]:
        """What is told of one next."""
        if self._rng.random() >= _TIERS:
            yield self._said(customer)
        elif customer.late is not None:
            # A frozen relay that wakes puts an old state after a new one.
            yield self._moved(customer, customer.late)
            customer.late = None
        else:
            if self._rng.random() < _LATE:
                customer.late = customer.revision = customer.revision + 1
            customer.revision += 1
            yield self._moved(customer, customer.revision)

    def _said(self, customer: Speaker) -> Record:
        at, kind = self._moment(), self._rng.choice(_KINDS)
        is_rated = kind == "rating" or self._rng.random() < 0.4
        said = FeedbackSubmitted(
            customer_id=customer.customer_id,
            channel=self._rng.choice(get_args(Channel)),
            kind=kind,
            rating=self._rng.randint(1, 5) if is_rated else None,
            text="the queue was long" if self._rng.random() < 0.5 else "",
            language=self._rng.choice(("zh", "en", "other")),
            product=f"p-{self._rng.getrandbits(64):016x}",
            unit=self._rng.choice(("u-1", "u-2", None)),
            submitted_at=at,
        )
        return self._record(said, at)

    def _moment(self) -> datetime:
        match self._rng.randrange(3):
            case 0:
                return ago(self._rng.randrange(DAY_MS, 60 * DAY_MS))
            case 1:
                return ago(self._rng.randrange(600_000))
            case _:
                return ago(DAY_MS - self._rng.randrange(_SOON_MS))

    def _moved(self, customer: Speaker, revision: int) -> Record:
        at = ago(self._rng.randrange(600_000))
        old_tier, tier = self._rng.sample(("high", "middle", "low"), 2)
        moved = TierChanged(
            customer_id=customer.customer_id,
            old_tier=old_tier,
            tier=tier,
            points=self._rng.randint(300, 700),
            points_by_dimension={},
            reasons=(),
            scorecard_version=1,
            decided_at=at,
            revision=revision,
        )
        return self._record(moved, at)
