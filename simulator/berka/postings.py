"""The transactions of the files, a day at a time, each in the words of the contract.

There is no order inside a day: all of a day are dated noon, and only the posting that closes an account's day reports a
balance, so that no reader can depend on an order that nobody knows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from simulator.berka.codes import DIRECTIONS, Direction, Meaning, meaning
from simulator.berka.files import Damaged, Row, lines, rows


@dataclass(frozen=True, slots=True)
class Posting:
    """One transaction; sums in minor units (haléř)."""

    trans_id: str
    account: str
    day: date
    direction: Direction
    minor: int
    balance: int
    meaning: Meaning

    @property
    def signed(self) -> int:
        """The change of the balance."""
        return self.minor if self.direction == "credit" else -self.minor


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line of trans.asc that is no transaction: of which account and day, where that can still be read."""

    number: int
    raw: bytes
    account: str | None
    day: date | None


_LARGEST = 10**17
Orders = frozenset[tuple[str, str, str]]


def standing_orders(folder: Path) -> Orders:
    """Account, partner account and sum of every standing order."""
    return frozenset((row["account_id"], row["account_to"], row["amount"]) for row in rows(folder, "order"))


def postings(folder: Path, orders: Orders) -> Iterator[Posting | Unreadable]:
    """What trans.asc holds, in the order of the file."""
    for number, line in enumerate(lines(folder, "trans"), start=2):
        if isinstance(line, Damaged):
            yield _unreadable(line.number, line.raw, line.cells)
            continue
        try:
            yield _posting(line, orders)
        except (ValueError, KeyError, InvalidOperation):
            yield _unreadable(number, ";".join(line.values()).encode(), tuple(line.values()))


def closing(day: Iterable[Posting], opening: int | None) -> Posting:
    """The posting of an account's day after which the day was over: it leaves what the day began with and all its sums.

    The bank rounded some interest, so the nearest is taken. Of equals the last in the file: they report the same.
    """
    held = list(day)
    expected = (opening or 0) + sum(posting.signed for posting in held)
    return min(reversed(held), key=lambda posting: abs(posting.balance - expected))


def day_of(text: str) -> date:
    """`930105` → 5 January 1993. Raises ValueError."""
    if len(text) < 6 or not text[:6].isdigit():
        raise ValueError("date: not six digits")
    return date(1900 + int(text[:2]), int(text[2:4]), int(text[4:6]))


def minor(text: str) -> int:
    """`700.00` → 70000. Raises ValueError or InvalidOperation for what is no sum of whole haléř."""
    value = Decimal(text) * 100
    if not value.is_finite() or value != value.to_integral_value() or abs(value) >= _LARGEST:
        raise ValueError("amount: no sum of whole haléř")
    return int(value)


def _posting(row: Row, orders: Orders) -> Posting:
    if row["amount"].startswith("-"):
        raise ValueError("amount: below zero, where the type gives the direction")
    is_ordered = (row["account_id"], row["account"], row["amount"]) in orders
    return Posting(
        trans_id=row["trans_id"],
        account=row["account_id"],
        day=day_of(row["date"]),
        direction=DIRECTIONS[row["type"]],
        minor=minor(row["amount"]),
        balance=minor(row["balance"]),
        meaning=meaning(row["operation"], row["k_symbol"], is_ordered=is_ordered),
    )


def _unreadable(number: int, raw: bytes, cells: tuple[str, ...]) -> Unreadable:
    account = cells[1] if len(cells) > 2 else None
    try:
        day = day_of(cells[2]) if len(cells) > 3 else None
    except ValueError:
        day = None
    return Unreadable(number, raw, account, day)
