"""Sums in other currencies as one: by the rate of the day, or the last before it, over the bank's own currency."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple


class Rate(NamedTuple):
    """One unit of `base` costs `price` units of `quote` from `day` on, an ordinal."""

    base: str
    quote: str
    day: int
    price: Fraction


class Rates:
    """What is known of rates on the days in question."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._by_pair: dict[tuple[str, str], list[tuple[int, Fraction]]] = {}
        for base, quote, day, price in rates:
            self._by_pair.setdefault((base, quote), []).append((day, price))
            self._by_pair.setdefault((quote, base), []).append((day, 1 / price))

    def price(self, currency: str, target: str, day: int, *, over: str) -> Fraction | None:
        """Units of `target` for one of `currency`; directly, else over a third. None where no rate is known."""
        if currency == target:
            return Fraction(1)
        direct = self._last(currency, target, day)
        if direct is not None:
            return direct
        to_third, from_third = self._last(currency, over, day), self._last(over, target, day)
        return None if to_third is None or from_third is None else to_third * from_third

    def _last(self, base: str, quote: str, day: int) -> Fraction | None:
        known = [one for one in self._by_pair.get((base, quote), ()) if one[0] <= day]
        return max(known, key=lambda one: one[0])[1] if known else None
