"""How far a value would have to go, as it is told: rounded so that who reaches what is told reaches the bin."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from scoring.scorecard.domain import Unit
from scoring.standing.domain.reaching import Change
from scoring.standing.domain.state import Bank

_DIGITS: dict[Unit, int] = {"days": 0, "products": 0, "loan-class": 0}
_OTHER_DIGITS = 4


class Bounds(NamedTuple):
    """One of the two, money in whole units of the bank's currency."""

    at_least: Decimal | None
    below: Decimal | None


def bounds_of(change: Change, bank: Bank) -> Bounds:
    """`at_least` rounded up and `below` rounded down, to as many digits as values of the unit are told with."""
    unit = change.feature.unit
    return Bounds(
        None if change.at_least is None else rounded_up(change.at_least, unit, bank),
        None if change.below is None else _rounded(change.below, unit, bank, ROUND_FLOOR),
    )


def rounded_up(edge: float, unit: Unit, bank: Bank) -> Decimal:
    """What is at least to be reached, money in whole units of the bank's currency."""
    return _rounded(edge, unit, bank, ROUND_CEILING)


def _rounded(edge: float, unit: Unit, bank: Bank, rounding: str) -> Decimal:
    # The shortest text of a float is the edge as the scorecard has it; its exact value lies a trifle beside.
    exact = Decimal(str(edge))
    if unit == "money":
        return exact.quantize(Decimal(1), rounding).scaleb(-bank.minor_digits)
    return exact.quantize(Decimal(1).scaleb(-_DIGITS.get(unit, _OTHER_DIGITS)), rounding)
