"""The days of a file as bytes: a row of a busy customer stays small, and is written and read by column."""

import sys
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from churn_alert.abnormal.domain.state import JUDGED_DAYS, NIGHT, OWN, PATTERN_DAYS, RANGE_DAYS, Activity
from churn_alert.abnormal.domain.waking import OfAccount
from churn_alert.abnormal.domain.words import Cell

_COLUMNS = "IIiq"
"""Day, cell with its currency, count, sum in minor units, as `array` names their kinds."""
_ROW = sum(array(kind).itemsize for kind in _COLUMNS)
_OWN = frozenset({OWN, NIGHT})
_MOST_SUM, _MOST_COUNT = 2**63 - 1, 2**31 - 1
"""What eight and four bytes hold: nine thousand of the largest postings in one day, and two thousand million of any."""


def packed(state: Activity) -> bytes:
    """The days that may still be needed, in their order: the same days are the same bytes."""
    columns = list(zip(*sorted(_needed(state)), strict=True))
    arrays = [array(kind, column) for kind, column in zip(_COLUMNS, columns, strict=True)] if columns else []
    if sys.byteorder == "big":
        for one in arrays:
            one.byteswap()
    return b"".join(one.tobytes() for one in arrays)


def _needed(state: Activity) -> Iterator[tuple[int, int, int, int]]:
    for day, cells in state.days.items():
        age = state.last_day - day - JUDGED_DAYS
        if age > RANGE_DAYS:
            continue
        for code, (count, minor) in cells.items():
            if (count or minor) and (age <= PATTERN_DAYS or code in _OWN):
                yield day, code, _within(count, _MOST_COUNT), _within(minor, _MOST_SUM)


def _within(value: int, most: int) -> int:
    return value if -most <= value <= most else max(-most, min(value, most))


def unpacked(stored: bytes) -> dict[int, dict[int, Cell]]:
    """The inverse of `packed`."""
    arrays, begin, rows = [], 0, len(stored) // _ROW
    for kind in _COLUMNS:
        one = array(kind)
        one.frombytes(stored[begin : begin + rows * one.itemsize])
        begin += rows * one.itemsize
        arrays.append(one)
    if sys.byteorder == "big":
        for one in arrays:
            one.byteswap()
    days: dict[int, dict[int, Cell]] = {}
    for day, code, count, minor in zip(*arrays, strict=True):
        if day in days:
            days[day][code] = [count, minor]
        else:
            days[day] = {code: [count, minor]}
    return days


def kept(of: OfAccount, judged: int) -> list[object]:
    """An account as it is stored: its first day, how many days later those that may be judged begin, these as bits, and
    sums. A rest of decades is one number and not as many bits.
    """
    beyond = max(judged - of.first, 0)
    sums = [[day, *cell] for day, cell in sorted(of.sums.items())]
    return [of.first, beyond, of.bits >> beyond, sums] if of.bits else [0, 0, 0, sums]


def account_of(stored: Sequence[Any]) -> OfAccount:
    """The inverse of `kept`, of an account that remembers of the days before only the latest."""
    first, beyond, bits, sums = stored
    return OfAccount(first, bits << beyond | 1 if first else 0, {day: [count, minor] for day, count, minor in sums})
