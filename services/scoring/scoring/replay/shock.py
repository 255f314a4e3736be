"""What a shock at the end of a replay would do to the book: a share of balances and products gone, silence after it.

It is told as what it would be, postings and holdings at that moment, and the rules decide as they always do.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scoring.replay.domain import Book
from scoring.standing.domain.assets import Valuation, valued
from scoring.standing.domain.opening import Posting
from scoring.standing.domain.state import INVESTMENTS, Holdings, ProductsOfKind, Standing, fold_posting


@dataclass(frozen=True, slots=True)
class Shock:
    """Whom it strikes (`tiers`; None for all), the shares it takes, and the `silence` that follows."""

    name: str
    tiers: frozenset[str] | None
    balances_lost: float
    products_lost: float
    silence: timedelta


def strike(book: Book, shock: Shock, at: datetime) -> int:
    """Let it happen to a book that was closed at `at`, and what follows from the silence; returns the money lost, in
    minor units of the bank's currency."""
    lost = 0
    for standing in book.standings.values():
        if shock.tiers is None or standing.tier in shock.tiers:
            lost += _strike(standing, shock, at, book)
    book.close(at + shock.silence)
    return lost


def _strike(standing: Standing, shock: Shock, at: datetime, book: Book) -> int:
    balance = standing.opening_minor + standing.credits_minor - standing.debits_minor
    taken = round(max(balance, 0) * shock.balances_lost)
    if taken:
        posting = Posting("shock", at, taken, is_credit=False, is_own=False, kind="shock")
        fold_posting(standing, posting, book.rules.bank.zone)
    held = standing.holdings
    standing.holdings = _worth_less(held, shock, at, book)
    book.decide(standing, at)
    return taken + held.investments_minor - standing.holdings.investments_minor


def _worth_less(held: Holdings, shock: Shock, at: datetime, book: Book) -> Holdings:
    if not (shock.products_lost and held.investments_minor):
        return held
    left = dict(held.by_kind)
    for kind in INVESTMENTS:
        if kind in left:
            of = left[kind]
            left[kind] = ProductsOfKind(of.products, round(of.minor * (1.0 - shock.products_lost)))
    day = at.astimezone(book.rules.bank.zone).date().toordinal()
    worth = sum(left[kind].minor for kind in INVESTMENTS if kind in left)
    known = valued(held.valuations, Valuation(day, held.revision + 1, worth))
    return replace(held, by_kind=left, revision=held.revision + 1, valuations=known)
