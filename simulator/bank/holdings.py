"""What a customer holds beside the accounts: each change carries all of it, with a revision that grows by one."""

from dataclasses import dataclass, field
from random import Random

from rapport.events.bank import Holding, HoldingChanged, LoanClass
from rapport.events.money import decimal_string
from simulator.bank.personas import Persona
from simulator.bank.shelf import PRODUCTS
from simulator.wire import moment

_KINDS = {code: kind for code, kind, _ in PRODUCTS}
_CHOICES = (
    ("DEP-TERM-12", "DEP-TERM-36"),
    ("WM-STEADY", "WM-STEADY", "WM-BALANCE", "WM-GROWTH"),
    ("FD-MONEY", "FD-BOND", "FD-EQUITY"),
    ("IN-LIFE", "IN-LINKED"),
    ("LN-CONSUMER", "LN-HOME"),
    ("CC-CLASSIC",),
)
"""In the order of `Persona.owns`."""
_MONTHS_OF_INCOME = ((2, 12), (3, 15), (1, 8), (1, 5), (6, 80), (0, 0))
_SIZES = {"LN-CONSUMER": 0.25}
"""Against others of the same choice."""


@dataclass(slots=True)
class Holdings:
    """Amounts in minor units by product; a loan's amount is what is still owed.

    `loan_class`: of the one loan, if there is any. One that is written off stays with a claim of nothing, as a loss.
    """

    amounts: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    revision: int = 0
    loan_class: LoanClass = "normal"

    @property
    def loan(self) -> str | None:
        """The loan that is owed, if any."""
        return next((code for code in ("LN-HOME", "LN-CONSUMER") if self.amounts.get(code, 0) > 0), None)

    @property
    def repaid(self) -> str | None:
        """The loan that is being repaid, if any: one in arrears is not."""
        return self.loan if self.loan_class == "normal" else None

    @property
    def redeemable(self) -> list[str]:
        """What can be turned into money at once."""
        return [
            code
            for code, amount in self.amounts.items()
            if amount > 0 and _KINDS[code] in ("wealth", "fund", "deposit")
        ]

    def change(self, code: str, delta: int) -> None:
        """Add to or take from one product; at zero or below it is gone, and is told as closed once."""
        amount = self.amounts.get(code, 0) + delta
        self.amounts[code] = max(0, amount)
        if amount <= 0:
            self.gone.add(code)
        else:
            self.gone.discard(code)

    def review(self, found: LoanClass | None) -> None:
        """The loan's class from now on; None: it is written off."""
        if found is None and self.loan is not None:
            self.amounts[self.loan] = 0
        self.loan_class = found or "loss"

    def event(self, customer_id: str, time_ms: int) -> HoldingChanged:
        """The present whole, as the next revision."""
        self.revision += 1
        holdings = tuple(
            Holding(
                product=code,
                kind=_KINDS[code],
                amount=decimal_string(amount, "CNY"),
                currency="CNY",
                status="closed" if code in self.gone else "active",
                loan_class=self.loan_class if _KINDS[code] == "loan" else None,
            )
            for code, amount in sorted(self.amounts.items())
        )
        for code in self.gone:
            del self.amounts[code]
        self.gone.clear()
        return HoldingChanged(customer_id=customer_id, holdings=holdings, as_of=moment(time_ms), revision=self.revision)


def first_holdings(rng: Random, persona: Persona, income: int) -> Holdings:
    """What a customer of that kind and income (a month, minor units) holds when the history begins."""
    held = Holdings()
    for chance, choices, (low, high) in zip(persona.owns, _CHOICES, _MONTHS_OF_INCOME, strict=True):
        if rng.random() < chance:
            months = rng.uniform(low, high)
            code = rng.choice(choices)
            worth = int(months * income * _SIZES.get(code, 1.0))
            held.amounts[code] = max(worth // 100_000 * 100_000, 100_000) if high else 0
    return held
