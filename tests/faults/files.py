"""Customers whose files and accounts the core keeps changing; of many the accounts come before the file.

Words lie up to 60 days back and in no order: the latest counts, whenever it comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rapport.events.bank import AccountChanged, CustomerRecorded, Identity
from simulator.marks import CORE
from simulator.wire import Record
from tests.faults.crowd import DAY_MS, Crowd, ago

_RECORDS = 0.3
_LATE_MOST = 8
"""So many words about the accounts of a customer come at most before its first file."""
_SINCE = date(2015, 1, 1)


@dataclass(slots=True)
class Person:
    """What must be remembered of one: how many words about accounts come first, and the moments that are taken."""

    customer_id: str
    accounts: tuple[str, ...]
    first: int
    is_known: bool = False
    moments: set[datetime] = field(default_factory=set)


class Files(Crowd[Person]):
    """No two words about one customer are of one moment: between such an id decides that no recount knows."""

    sources = dict.fromkeys((AccountChanged, CustomerRecorded), CORE)

    def newcomer(self) -> Person:
        """One who joins."""
        name = f"{self._rng.getrandbits(64):016x}"
        accounts = tuple(f"a-{name}-{n}" for n in range(self._rng.randint(1, 3)))
        return Person(f"c-{name}", accounts, self._rng.choice((0, self._rng.randint(1, _LATE_MOST))))

    def facts(self, customer: Person) -> Iterator[Record]:
        """What is told of one next."""
        is_file = self._rng.random() < _RECORDS if customer.is_known else customer.first == 0
        if is_file:
            customer.is_known = True
            yield self._file(customer)
        else:
            customer.first -= 1
            yield self._account(customer)

    def _moment(self, customer: Person) -> datetime:
        while True:
            at = ago(self._rng.randrange(DAY_MS * 60 if self._rng.random() < 0.5 else 600_000))
            if at not in customer.moments:
                customer.moments.add(at)
                return at

    def _file(self, customer: Person) -> Record:
        at = self._moment(customer)
        phone = f"138{self._rng.randrange(10**8):08d}" if self._rng.random() < 0.7 else None
        who = Identity(
            full_name="Li Hua", id_type="passport", id_number=f"E{self._rng.randrange(10**8):08d}", phone=phone
        )
        recorded = CustomerRecorded(
            customer_id=customer.customer_id,
            type=self._rng.choice(("personal", "personal", "corporate")),
            identity=who if self._rng.random() < 0.8 else None,
            birth_year=self._rng.choice((None, self._rng.randint(1930, 2015))),
            gender=self._rng.choice(("female", "male", "unknown")),
            unit=f"u-{self._rng.randint(1, 9)}",
            region=self._rng.choice((None, "north", "south")),
            relationship_manager=self._rng.choice((None, f"e-{self._rng.randint(1, 50)}")),
            customer_since=self._day(),
            status=self._rng.choice(("active", "active", "closed")),
            recorded_at=at,
        )
        return self._record(recorded, at)

    def _account(self, customer: Person) -> Record:
        at, minor = self._moment(customer), self._rng.randint(-(10**6), 10**9)
        changed = AccountChanged(
            account_id=self._rng.choice(customer.accounts),
            customer_id=customer.customer_id,
            type=self._rng.choice(("current", "savings", "card")),
            status=self._rng.choice(("open", "open", "dormant", "frozen", "closed")),
            opened_on=self._day(),
            closed_on=self._rng.choice((None, self._day())),
            balance=f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}",
            currency="CNY",
            as_of=at,
        )
        return self._record(changed, at)

    def _day(self) -> date:
        return _SINCE + timedelta(days=self._rng.randrange(3650))
