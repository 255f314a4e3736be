"""Banks whose kinds of customers are known, so that what is found can be held against them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from scoring.scorecard.domain import Values
from scoring.segment.domain.fitting import Book, fit
from scoring.segment.domain.model import Candidate, Figures, Fitted, Scale, Segment

NOW = datetime(2025, 12, 31, 4, tzinfo=UTC)


class Kind(NamedTuple):
    """Typical traits of one kind of customer, money in whole units, and how many in a hundred are of it."""

    share: int
    balance: float
    investments: float
    loans: float
    turnover: float
    days: float
    products: float


KINDS = {
    "typical": Kind(40, 8_000, 20_000, 0, 6_000, 25, 2),
    "savers": Kind(15, 300_000, 20_000, 0, 6_000, 25, 2),
    "accounts-only": Kind(15, 8_000, 0, 0, 6_000, 25, 1),
    "borrowers": Kind(15, 8_000, 20_000, 200_000, 6_000, 25, 3),
    "quiet": Kind(15, 5_000, 15_000, 0, 3_000, 0, 2),
}


class Customer(NamedTuple):
    """What is known of one, and of which kind they are."""

    customer_id: str
    values: Values
    loans_minor: int
    kind: str


def customers(count: int = 1_000, *, seed: int = 5) -> Iterator[Customer]:
    """So many, of the kinds above, each a third more or less than typical."""
    draw = Random(seed)
    names = [name for name, kind in KINDS.items() for _ in range(kind.share)]
    for number in range(count):
        name = names[number % len(names)]
        kind = KINDS[name]
        balance, investments, loans, turnover = (
            around(draw, 100 * one) for one in (kind.balance, kind.investments, kind.loans, kind.turnover)
        )
        days = min(round(around(draw, kind.days)), 90)
        known = values(balance=balance, investments=investments, turnover=turnover, days=days, products=kind.products)
        yield Customer(f"c-{number}", known, round(loans), name)


def around(draw: Random, typical: float) -> float:
    return typical * draw.lognormvariate(0.0, 0.35)


def values(
    balance: float = 0.0, investments: float = 0.0, turnover: float = 0.0, days: float = 0.0, products: float = 0.0
) -> Values:
    """What scoring knows of a customer; money in minor units."""
    return Values(balance, investments, turnover, None, None, days, products, None, None, 0.0, 0.0)


def book_of(everybody: Iterable[Customer], *, unit: int = 100) -> Book:
    """The book that holds these."""
    known = list(everybody)
    book = Book(len(known), NOW, unit)
    for one in known:
        book.add(one.customer_id, one.values, one.loans_minor)
    return book


def fitted(count: int = 1_000, *, seed: int = 5, former: Fitted | None = None) -> Fitted:
    """The model of such a bank."""
    return fit(book_of(customers(count, seed=seed)), former)


BY_HAND = Fitted(
    as_of=NOW,
    unit=100,
    scales=(
        Scale("average_balance", 9.0, 1.5),
        Scale("investments", 8.0, 4.0),
        Scale("loans", 0.0, 4.0),
        Scale("turnover", 8.5, 1.0),
        Scale("active_days", 3.0, 0.8),
        Scale("products", 1.1, 0.5),
    ),
    segments=(
        Segment("typical", "普通型", (0.1, 0.1, 0.0, 0.1, 0.1, 0.1), 600),
        Segment("savers", "储蓄型", (2.5, 0.4, 0.0, 0.2, 0.0, 0.5), 250),
        Segment("quiet", "低活跃型", (-0.5, -0.3, 0.0, -2.0, -3.0, -0.5), 150),
    ),
    figures=Figures(1_000, 1_000, 0.29, 0.83, 2, None, (Candidate(5, 0.29, 0.83), Candidate(6, 0.22, 0.57))),
)
"""Small enough to reckon with."""
