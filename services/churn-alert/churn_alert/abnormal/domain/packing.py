"""The days of a file as bytes: a row of a busy customer stays small, and is written and read by column."""

import sys
from array import array
from collections.abc import Iterator

from churn_alert.abnormal.domain.state import JUDGED_DAYS, NIGHT, OWN, PATTERN_DAYS, RANGE_DAYS, Activity, Cell

_COLUMNS = "IIiq"
"""Day, cell with its currency, count, sum in minor units, as `array` names their kinds."""
_ROW = sum(array(kind).itemsize for kind in _COLUMNS)
_OWN = frozenset({OWN, NIGHT})


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
                yield day, code, count, minor


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
