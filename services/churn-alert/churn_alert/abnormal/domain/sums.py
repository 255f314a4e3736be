"""What of a day is added up: by flows, direction and currency."""

from functools import cache

from churn_alert.abnormal.domain.state import Activity, cell_of, code_of
from churn_alert.abnormal.domain.words import Direction, Flow


def total(state: Activity, day: int, flows: tuple[Flow, ...], direction: Direction, currency: str) -> tuple[int, int]:
    """Count and sum of a day in one currency."""
    count = minor = 0
    if cells := state.days.get(day):
        for code in codes_of(flows, direction, currency):
            if cell := cells.get(code):
                count += cell[0]
                minor += cell[1]
    return count, minor


@cache
def codes_of(flows: tuple[Flow, ...], direction: Direction, currency: str) -> tuple[int, ...]:
    """The cells of these flows."""
    return tuple(code_of(currency, cell_of(flow, direction)) for flow in flows)


@cache
def prefix_of(currency: str) -> int:
    """What the codes of all cells in a currency begin with."""
    return code_of(currency, 0) >> 4
