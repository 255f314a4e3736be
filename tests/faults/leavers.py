"""Customers as churn-alert hears of them: their postings, accounts that are opened and closed, and what scoring says.

Times lie back and in no order, as those of postings do; states of scoring may come late, a higher revision before them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

from rapport.events.bank import AccountChanged
from rapport.events.scoring import SegmentChanged
from simulator.marks import CORE
from simulator.wire import Record, Wire
from tests.faults.crowd import DAY_MS, ago
from tests.faults.population import Customer, Population

_ACCOUNTS, _SEGMENTS = 0.03, 0.03
_LATE = 0.3
_CLOSED = 0.35
_NAMES = ("savers", "borrowers", "quiet", "typical")


class Leavers(Population):
    """No two words on one account are of one moment, and no two states of one revision."""

    sources = {**Population.sources, AccountChanged: CORE, SegmentChanged: "scoring"}  # noqa: RUF012 - as of the base

    def __init__(self, seed: int, wire: Wire) -> None:
        self._said: dict[str, Counter[str]] = defaultdict(Counter)
        super().__init__(seed, wire)

    def facts(self, customer: Customer) -> Iterator[Record]:
        """What is told of one next."""
        luck = self._rng.random()
        if luck < _ACCOUNTS:
            yield self._account(customer)
        elif luck < _ACCOUNTS + _SEGMENTS:
            yield self._segment(customer)
        else:
            yield from super().facts(customer)

    def _account(self, customer: Customer) -> Record:
        said = self._said[customer.customer_id]
        said["account"] += 1
        at = ago(self._rng.randrange(30 * DAY_MS)) + timedelta(microseconds=said["account"])
        account = self._rng.choice(list(customer.balances))
        is_closed = self._rng.random() < _CLOSED
        opened = (at - timedelta(days=self._rng.randrange(200, 900))).date()
        told = AccountChanged(
            customer_id=customer.customer_id,
            account_id=account,
            type="current",
            status="closed" if is_closed else "open",
            opened_on=opened,
            closed_on=at.date() if is_closed else None,
            balance="0.00",
            currency="CNY",
            as_of=at,
        )
        return self._record(told, at)

    def _segment(self, customer: Customer) -> Record:
        said = self._said[customer.customer_id]
        if said["late"]:
            revision, said["late"] = said["late"], 0
        else:
            if self._rng.random() < _LATE:
                said["segment"] += 1
                said["late"] = said["segment"]
            said["segment"] += 1
            revision = said["segment"]
        at = ago(self._rng.randrange(600_000))
        old, new = self._rng.sample(_NAMES, 2)
        told = SegmentChanged(
            customer_id=customer.customer_id,
            segment=new,
            old_segment=old,
            segments_version=1,
            since=at,
            revision=revision,
        )
        return self._record(told, at)
