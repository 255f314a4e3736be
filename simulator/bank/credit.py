"""How well a customer pays, drawn once and never told, and what becomes of a loan: its class, reviewed every month.

The rates are assumptions. In the long run they give what Chinese retail banks report: special mention 2 to 3 % of what
is owed, non-performing (the three classes below it) 1.5 to 2 %, of which some 1 % of all loans is formed in a year.
"""

from collections.abc import Mapping
from random import Random
from typing import NamedTuple, get_args

from rapport.events.bank import LoanClass
from simulator.bank.intents import Intent, Review
from simulator.bank.life import HOUR, Life
from simulator.bank.plan import BusinessDay


class Migration(NamedTuple):
    """Chances a month of a loan to change by one class; `worse` is that of a customer of mean weakness."""

    better: float
    worse: float


MIGRATION: Mapping[LoanClass, Migration] = {
    "normal": Migration(0.0, 0.006),
    "special-mention": Migration(0.13, 0.012),
    "substandard": Migration(0.02, 0.11),
    "doubtful": Migration(0.0, 0.13),
    "loss": Migration(0.0, 0.22),
}
"""What is worse than a loss is written off."""
_PERFORMING = ("normal", "special-mention")
"""Here it is the customer who matters, below it is the bank's procedure."""
_CLASSES: tuple[LoanClass, ...] = get_args(LoanClass)
_SPREAD = 1.7
"""Of the logarithm of weakness."""
_STRAINED = 2.6
"""From this weakness on."""
_WEAKEST = 20.0
_EARNED, _SPENT, _LAID_BY, _OVERDRAFTS = 0.75, 1.15, 0.1, 0.9
"""Of the usual, what the strained earn, spend and have laid by; and how many of them may overdraw."""
_LEAST = 10_000
"""Of what is held of a product, in minor units."""
REVIEWED_ON = 27
"""Of the month, when the day of every repayment is over."""
_BOOK_AGE = 60
"""Months that loans have run when the history begins, long enough for every class to have its usual share."""


def weakness(rng: Random) -> float:
    """How many times as often as the mean customer one gets into arrears; about 1 on average, most are below."""
    return min(_WEAKEST, rng.lognormvariate(-(_SPREAD**2) / 2, _SPREAD))


def is_strained(weak: float) -> bool:
    """The weakest, about one in twelve, live from hand to mouth: below zero before pay day, with little laid by."""
    return weak > _STRAINED


def strain(life: Life) -> None:
    """Have a weak customer live so, from the beginning."""
    if not is_strained(life.weakness):
        return
    life.income, life.basket = int(life.income * _EARNED), int(life.basket * _SPENT)
    held = life.holdings
    held.amounts |= {code: max(int(held.amounts[code] * _LAID_BY), _LEAST) for code in held.redeemable}
    for account in life.accounts:
        account.balance = int(account.balance * _LAID_BY)
    if life.luck.random() < _OVERDRAFTS:
        life.accounts[0].floor = -life.income // 2


def next_class(rng: Random, weak: float, now: LoanClass) -> LoanClass | None:
    """The class after one more month; None: it was a loss and is written off."""
    better, worse = MIGRATION[now]
    draw, place = rng.random(), _CLASSES.index(now)
    if draw < worse * (weak if now in _PERFORMING else 1.0):
        return _CLASSES[place + 1] if now != "loss" else None
    return _CLASSES[place - 1] if draw > 1 - better else now


def first_class(rng: Random, weak: float) -> LoanClass:
    """The class of a loan out of a book that is years old; what was written off there has been lent anew."""
    now: LoanClass = "normal"
    for _ in range(_BOOK_AGE):
        now = next_class(rng, weak, now) or "normal"
    return now


def review(life: Life, day: BusinessDay) -> list[Intent]:
    """The bank's monthly review of the loan on that day, where it comes to another class."""
    held = life.holdings
    if held.loan is None:
        return []
    found = next_class(life.luck, life.weakness, held.loan_class)
    return [] if found == held.loan_class else [Review(day.start_ms + 20 * HOUR, found)]
