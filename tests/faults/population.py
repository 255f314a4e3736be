"""Customers of a bank that never stops: postings of every kind, some taken back, uses of channels, what people hold.

Times lie up to 60 days back and in no order, since state must not depend on order. Customers keep joining, and seem to
have left long ago until they are heard of again, so that facts are told all the time.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, get_args

from rapport.events.bank import (
    BankEvent,
    Channel,
    Holding,
    HoldingChanged,
    InteractionRecorded,
    ProductKind,
    ReversedTransaction,
    TransactionRecorded,
)
from simulator.marks import CORE
from simulator.wire import Record
from tests.faults.crowd import DAY_MS, GROUPS, Crowd, ago

TOLD: tuple[type[BankEvent], ...] = (TransactionRecorded, HoldingChanged, InteractionRecorded)
_ABSENT = 30
"""So many events of a newcomer are at least 40 days old, spread over 120: enough to know what was usual."""
_AHEAD = timedelta(days=360)
"""Beyond any campaign: customers may be silent for 160 days before it."""
_KINDS = ("card-payment", "transfer", "cash", "bill", "salary")
_PENALTIES = ("penalty-interest", "sanction-interest")
_COUNTERPARTIES = ("bank", "own-account", "employer", "merchant", None)


@dataclass(slots=True)
class Customer:
    """What must be remembered of one: balances to report, the last postings to take back, the last revision told."""

    customer_id: str
    balances: dict[str, int] = field(default_factory=dict)
    last: deque[TransactionRecorded] = field(default_factory=lambda: deque(maxlen=3))
    revision: int = 0
    events: int = 0


class Population(Crowd[Customer]):
    """Customers who post, use channels and hold products."""

    sources = {**dict.fromkeys(TOLD, CORE), **GROUPS}  # noqa: RUF012 - a ClassVar of the base

    def newcomer(self) -> Customer:
        """One who joins."""
        name = f"{self._rng.getrandbits(64):016x}"
        return Customer(f"c-{name}", {f"a-{name}-{n}": self._rng.randint(0, 500_000) for n in (1, 2)})

    def facts(self, customer: Customer) -> Iterator[Record]:
        """What is told of one next."""
        customer.events += 1
        luck = self._rng.random()
        if luck < 0.02:
            yield self._holding(customer)
        elif luck > 0.95:
            yield self.use(customer)
        elif luck < 0.05 and customer.last:
            yield self._reversal(customer, customer.last.popleft())
        else:
            yield self._posting(customer, luck)

    def _moment(self, customer: Customer) -> datetime:
        milliseconds = self._rng.randrange(DAY_MS * 60 if self._rng.random() < 0.5 else 600_000)
        if customer.events <= _ABSENT:
            milliseconds = self._rng.randrange(40, 160) * DAY_MS
        return ago(milliseconds)

    def _posting(self, customer: Customer, luck: float) -> Record:
        at, minor = self._moment(customer), min(int(self._rng.lognormvariate(9.5, 1.4)) + 1, 10**9)
        kind = self._rng.choice(_PENALTIES if luck > 0.93 else _KINDS)
        is_credit = kind == "salary" or (kind == "transfer" and self._rng.random() < 0.5)
        is_foreign = 0.05 <= luck < 0.09
        event = self._transaction(
            customer,
            at,
            minor,
            kind=kind,
            direction="credit" if is_credit else "debit",
            currency="USD" if is_foreign else "CNY",
            initiator="automatic" if kind in {"salary", *_PENALTIES} else "customer",
        )
        if kind not in _PENALTIES or self._rng.random() < 0.5:
            customer.last.append(event)
        return self._record(event, at)

    def _transaction(self, customer: Customer, at: datetime, minor: int, **facts: Any) -> TransactionRecorded:
        account = facts.pop("account_id", None) or self._rng.choice(list(customer.balances))
        balance: str | None = None
        if facts["currency"] == "CNY":
            customer.balances[account] += minor if facts["direction"] == "credit" else -minor
            balance = _decimal(customer.balances[account]) if self._rng.random() < 0.6 else None
        return TransactionRecorded(
            source=CORE,
            transaction_no=f"t-{self._rng.getrandbits(64):016x}",
            account_id=account,
            customer_id=customer.customer_id,
            amount=_decimal(minor),
            channel=self._rng.choice(get_args(Channel)),
            counterparty_class=self._rng.choice(_COUNTERPARTIES),
            balance_after=balance,
            occurred_at=at,
            **facts,
        )

    def _reversal(self, customer: Customer, taken_back: TransactionRecorded) -> Record:
        at = max(self._moment(customer), taken_back.occurred_at)
        # Some were dated ahead, for value, and taken back long before their time.
        happened_at = at + _AHEAD if self._rng.random() < 0.2 else taken_back.occurred_at
        event = self._transaction(
            customer,
            at,
            taken_back.minor,
            account_id=taken_back.account_id,
            kind=taken_back.kind,
            direction="debit" if taken_back.direction == "credit" else "credit",
            currency=taken_back.currency,
            initiator=taken_back.initiator,
            reverses=ReversedTransaction(
                transaction_no=taken_back.transaction_no,
                amount=taken_back.amount,
                occurred_at=happened_at,
                balance_after=self._rng.choice((None, taken_back.balance_after)),
            ),
        )
        return self._record(event, at)

    def use(self, customer: Customer) -> Record:
        """A use of a channel."""
        at = self._moment(customer)
        used = InteractionRecorded(customer_id=customer.customer_id, kind="login", channel="mobile", occurred_at=at)
        return self._record(used, at)

    def _holding(self, customer: Customer) -> Record:
        at = self._moment(customer)
        customer.revision += 1
        holdings = tuple(
            Holding(
                product=f"p-{self._rng.randint(1, 20)}",
                kind=self._rng.choice(get_args(ProductKind)),
                amount=_decimal(self._rng.randint(0, 10**8)),
                currency=self._rng.choice(("CNY", "CNY", "CNY", "USD")),
                status=self._rng.choice(("active", "active", "matured", "closed")),
            )
            for _ in range(self._rng.randint(0, 4))
        )
        told = HoldingChanged(customer_id=customer.customer_id, holdings=holdings, as_of=at, revision=customer.revision)
        return self._record(told, at)


def _decimal(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"
