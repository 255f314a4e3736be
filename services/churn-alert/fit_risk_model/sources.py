"""What can be fitted on: for each source its horizons, its windows, who is looked at and what is held by hand."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

from fit_risk_model.fitting import Bounds
from fit_risk_model.samples import Known
from fit_risk_model.windows import MONTH, Windows

WEEK = 7
_FIRST = 105
"""Days of history that the first of a bank's midnights has behind it: a quarter, and the month of the fast sums."""

_DECLINES_UNTIL = 0.85
"""Of a simulated history: no decline begins after, so that later midnights would look safer than any are."""


class Source(NamedTuple):
    """`windows`: of a book of so many days, for the longest horizon."""

    horizons: tuple[int, ...]
    windows: Callable[[int, int], Windows]
    known: Known
    bounds: Bounds
    held: str
    """What is held by hand, and why, for the card."""


def quartered(days: int, horizon: int) -> Windows:
    """Weekly midnights: the test ends with the last whose outcome is known, and each window with what it needs."""
    last = days - horizon
    test = max(_FIRST + 3 * WEEK, last - 60)
    closed = test - horizon
    calibrate = max(_FIRST + 2 * WEEK, closed - 84)
    return Windows(range(_FIRST, calibrate, WEEK), range(calibrate, closed + 1, WEEK), range(test, last + 1, WEEK))


def lately(days: int, horizon: int) -> Windows:
    """The same, and the four latest of which a month is over when the test begins."""
    windows = quartered(days, horizon)
    last = windows.test[0] - MONTH
    return windows._replace(recent=range(last - 3 * WEEK, last + 1, WEEK))


_SIMULATED: Bounds = {
    "silence": (0.1, None),
    "pause": (0.0, 0.0),
    "outflow": (0.0, None),
    "outflow-week": (0.0, 0.0),
    "outflow-quarter": (0.0, 0.0),
    "saved": (0.0, 0.0),
    "payments": (0.0, 0.0),
    "active-days": (0.0, 0.0),
    "negatives": (0.0, 1.5),
}
_BANK = Known(timedelta(days=75), 10)

SOURCES: Mapping[str, Source] = {
    "simulated": Source(
        (30, 90),
        lambda days, horizon: quartered(round(days * _DECLINES_UNTIL), horizon),
        _BANK,
        _SIMULATED,
        "silence at 0.1 at least, so that every long silence raises the risk; negative feedback at 1.5 at most, for "
        "how often simulated decliners complain is invented; pause, saved, payments, active-days and the outflow of a "
        "week and of a quarter at 0, for the simulator plants nothing in them: free, they follow how long it has run",
    ),
    "cdnow": Source(
        (180,),
        lambda _, __: Windows((180,), (), (360,)),
        Known(timedelta(0), 1),
        {"silence": (0.02, None)},
        "silence at 0.02 at least",
    ),
    "berka": Source(
        (90,),
        lambda _, __: Windows((150, 180, 210, 240), (270,), (360,), (330,)),
        Known(timedelta(days=90), 1),
        {"silence": (0.02, None)},
        "silence at 0.02 at least",
    ),
    "archive": Source(
        (30, 90),
        lately,
        _BANK,
        {"silence": (0.1, None), "negatives": (0.0, None), "outflow": (0.0, None)},
        "silence at 0.1 at least; negative feedback and outflow not below zero",
    ),
}
