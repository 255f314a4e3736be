"""What a shock at the end of a replay would do to the book: a share of balances and products gone, then silence, or
spending from what is left while nothing comes in.

It is told as what it would be, postings and holdings at that moment, and the rules decide as they always do.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from rapport.behaviour.decay import DAY
from scoring.replay.domain import Book
from scoring.replay.exposure import Exposure, Exposures, Group, Models, group_of, worth_of
from scoring.replay.spending import Habit, habit_of, spending
from scoring.standing.domain.assets import Valuation, valued
from scoring.standing.domain.holdings import INVESTMENTS, Holdings, ProductsOfKind
from scoring.standing.domain.opening import Posting
from scoring.standing.domain.state import Standing, fold_posting


@dataclass(frozen=True, slots=True)
class Shock:
    """Whom it strikes (`tiers` and `segments`; None for all), the shares it takes, and what follows: `silence`, or for
    `inflows_stopped` no credits. One of these is nothing."""

    name: str
    tiers: frozenset[str] | None
    segments: frozenset[str] | None
    balances_lost: float
    products_lost: float
    silence: timedelta
    inflows_stopped: timedelta = timedelta(0)

    def strikes(self, group: Group) -> bool:
        """Does it strike the customers of this tier and segment?"""
        is_of_tier = self.tiers is None or group.tier in self.tiers
        return is_of_tier and (self.segments is None or group.segment in self.segments)


class Struck(NamedTuple):
    """What a shock took, and what was spent while inflows stopped, in minor units of the bank's currency, without what
    it took in others; and what customers had before it and when all is over, by where they were before."""

    lost: int
    spent: int
    exposures: Exposures


def strike(book: Book, shock: Shock, at: datetime, by: Models) -> Struck:
    """Let it happen to a book that was closed at `at`, and what follows in the days after. Whom it does not strike
    stays as they are."""
    bank, end, lost, spent = book.rules.bank, at + shock.silence + shock.inflows_stopped, 0, 0
    exposures: dict[Group, Exposure] = {}
    for standing in book.standings.values():
        group, before = group_of(standing, at, book.rules, by), worth_of(standing, at, bank, by)
        after, is_struck = before, shock.strikes(group)
        if is_struck:
            habit = habit_of(standing, at, bank.zone)
            lost += _strike(standing, shock, at, book)
            spent += _spend(standing, habit, shock.inflows_stopped.days, at, book)
            book.be_silent(standing, end)
            after = worth_of(standing, end, bank, by)
        one = Exposure(1, int(is_struck), before.deposits, after.deposits, before.value, after.value)
        exposures[group] = exposures.get(group, Exposure()).plus(one)
    return Struck(lost, spent, exposures)


def _strike(standing: Standing, shock: Shock, at: datetime, book: Book) -> int:
    balance = standing.opening_minor + standing.credits_minor - standing.debits_minor
    taken = round(max(balance, 0) * shock.balances_lost)
    if taken:
        posting = Posting("shock", at, taken, is_credit=False, is_own=False, kind="shock")
        fold_posting(standing, posting, book.rules.bank.zone)
    for currency, accounts in standing.foreign.items():
        gone = round(max(accounts.balance, 0) * shock.balances_lost)
        posting = Posting("shock", at, gone, is_credit=False, is_own=False, kind="shock", currency=currency)
        accounts.add(posting, book.rules.bank.zone)
    held = standing.holdings
    standing.holdings = _worth_less(held, shock, at, book)
    book.decide(standing, at)
    return taken + held.investments_minor - standing.holdings.investments_minor


def _spend(standing: Standing, habit: Habit, days: int, at: datetime, book: Book) -> int:
    balance, spent = standing.opening_minor + standing.credits_minor - standing.debits_minor, 0
    for one in spending(habit, balance, days):
        moment = at + one.day * DAY
        posting = Posting("shock", moment, one.minor, is_credit=False, is_own=one.is_own, kind="shock")
        book.meet(standing.customer_id, moment, partial(fold_posting, posting=posting, zone=book.rules.bank.zone))
        spent += one.minor
    return spent


def _worth_less(held: Holdings, shock: Shock, at: datetime, book: Book) -> Holdings:
    if not (shock.products_lost and held.valuations):
        return held
    left = dict(held.by_kind)
    for kind in INVESTMENTS:
        if kind in left:
            of = left[kind]
            left[kind] = ProductsOfKind(of.products, round(of.minor * (1.0 - shock.products_lost)))
    day = at.astimezone(book.rules.bank.zone).date().toordinal()
    worth = sum(left[kind].minor for kind in INVESTMENTS if kind in left)
    foreign = tuple((code, round(minor * (1.0 - shock.products_lost))) for code, minor in held.valuations[-1].foreign)
    known = valued(held.valuations, Valuation(day, held.revision + 1, worth, foreign))
    return replace(held, by_kind=left, revision=held.revision + 1, valuations=known)
