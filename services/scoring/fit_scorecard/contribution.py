"""What a customer contributes to the bank in a year: margins on what is held, fees on what is paid, less the costs of
serving and what is lost of loans.

The rates are assumptions, stated as data: plausible for a Chinese retail bank, no bank's own. The card lists them all.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from rapport.behaviour.decay import DAY
from rapport.events.bank import AccountChanged, Holding, HoldingChanged, LoanClass, TransactionRecorded
from rapport.events.money import minor_units

_YEAR = 365.0


class Rates(NamedTuple):
    """Money in whole CNY. What is not named earns and costs nothing."""

    balances: Mapping[str, float]
    """Margin a year on the average credit balance, by type of account."""
    overdrawn: float
    """The same on the average overdrawn balance, after funding and expected losses; its interest is booked apart."""
    holdings: Mapping[str, float]
    """Margin or commission a year on the average amount held, by kind of product; on loans before losses."""
    turnover: Mapping[str, float]
    """Share of the amount of a posting that the bank keeps, by kind of posting."""
    allowances: Mapping[LoanClass, float]
    """Share of a loan that is set aside for losses, by class."""
    items: Mapping[str, float]
    """Cost of one posting, by kind of posting."""
    account: float
    """Cost of an open account for a year."""


PERFORMING: tuple[LoanClass, ...] = ("normal", "special-mention")
"""Classes of loans whose interest is still expected."""

RATES = Rates(
    balances={"current": 0.016, "savings": 0.009},
    overdrawn=-0.25,  # who is overdrawn is weak: a fifth of it is lost in a year, by the size of their bad loans
    holdings={"deposit": 0.007, "wealth": 0.008, "fund": 0.010, "insurance": 0.006, "loan": 0.024},
    turnover={
        "card-purchase": 0.0035,
        "qr-payment": 0.0010,
        "merchant-settlement": 0.0025,
        "transfer-out": 0.0005,
        "product-purchase": 0.0030,
        "penalty-interest": 0.5,  # the rest is never collected
    },
    # Guidelines on Loan Loss Provisioning, PBOC 2002: 1 % of all, and 2, 25, 50, 100 % of what is worse than normal.
    allowances={"normal": 0.01, "special-mention": 0.02, "substandard": 0.25, "doubtful": 0.50, "loss": 1.0},
    items={"cash-withdrawal": 1.5, "cash-deposit": 4.0, "penalty-interest": 20.0},
    account=24.0,
)


@dataclass(slots=True)
class Stock:
    """Something that stands at a level until it changes, and earns at a rate a year meanwhile."""

    earning: float = 0.0
    """CNY a year at the present level."""
    since: datetime | None = None


@dataclass(slots=True)
class Contribution:
    """One customer's, from `begins` on; levels from before are known at it. Facts come in the order in
    which the bank told them, whatever day a posting is dated."""

    begins: datetime
    rates: Rates = RATES
    earned: float = 0.0
    _stocks: dict[str, Stock] = field(default_factory=lambda: defaultdict(Stock))
    _types: dict[str, str] = field(default_factory=dict)
    _allowances: dict[str, float] = field(default_factory=dict)

    def note(self, fact: TransactionRecorded | HoldingChanged | AccountChanged, at: datetime) -> None:
        """One more fact about this customer, told `at`."""
        match fact:
            case TransactionRecorded():
                if at >= self.begins:
                    self.earned += self._of_posting(fact)
                if fact.balance_after is not None:
                    self._level(fact.account_id, self._of_balance(fact.account_id, fact.balance_after), at)
            case HoldingChanged():
                held = [holding for holding in fact.holdings if holding.status == "active"]
                self._level("holdings", sum(map(self._of_holding, held)), at)
                self._set_aside(held, at)
            case AccountChanged():
                self._types[fact.account_id] = fact.type
                is_closed = fact.status == "closed"
                earning = 0.0 if is_closed else self._of_balance(fact.account_id, fact.balance)
                self._level(fact.account_id, earning, at)

    def by(self, end: datetime) -> float:
        """CNY from `begins` to `end`, which lies after the last fact."""
        for name, stock in self._stocks.items():
            self._level(name, stock.earning, end)
        return self.earned

    def _of_posting(self, fact: TransactionRecorded) -> float:
        """The fee, given back where the posting is taken back; the work is done each time."""
        whole = minor_units(fact.amount, fact.currency) / 100
        fee = whole * self.rates.turnover.get(fact.kind, 0.0)
        return (-fee if fact.reverses else fee) - self.rates.items.get(fact.kind, 0.0)

    def _of_holding(self, held: Holding) -> float:
        is_earning = held.loan_class is None or held.loan_class in PERFORMING
        return float(held.amount) * self.rates.holdings.get(held.kind, 0.0) if is_earning else 0.0

    def _set_aside(self, held: list[Holding], at: datetime) -> None:
        """What the allowances grow by is lost, what they shrink by comes back; what was a loss stays one."""
        before, now = self._allowances, {}
        for loan in held:
            if loan.loan_class is not None:
                needed = float(loan.amount) * self.rates.allowances[loan.loan_class]
                now[loan.product] = max(needed, before.get(loan.product, 0.0)) if loan.loan_class == "loss" else needed
        if at >= self.begins:
            self.earned -= sum(now.values()) - sum(before.values())
        self._allowances = now

    def _of_balance(self, account_id: str, balance: str) -> float:
        whole = float(balance)
        margin = self.rates.overdrawn * -whole if whole < 0 else self._margin(account_id) * whole
        return margin - self.rates.account

    def _margin(self, account_id: str) -> float:
        return self.rates.balances.get(self._types.get(account_id, ""), 0.0)

    def _level(self, name: str, earning: float, at: datetime) -> None:
        stock = self._stocks[name]
        if stock.since is not None and at > self.begins:
            self.earned += stock.earning * ((at - max(stock.since, self.begins)) / DAY) / _YEAR
        stock.earning, stock.since = earning, at
