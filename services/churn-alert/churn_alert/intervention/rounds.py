"""What happened to several customers, taken so that each customer's comes one after another."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_rounds(items: Sequence[T], customer_of: Callable[[T], str]) -> Iterator[list[T]]:
    """The first of each customer, then the second of each who has one, and so on; each round in the order of all."""
    left = list(items)
    while left:
        taken: list[T] = []
        later: list[T] = []
        seen: set[str] = set()
        for one in left:
            (later if customer_of(one) in seen else taken).append(one)
            seen.add(customer_of(one))
        yield taken
        left = later
