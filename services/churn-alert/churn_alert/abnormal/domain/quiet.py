"""Which days are too small for any rule to be met, by one look at their cells: nearly all are, and need no more.

A bound and never a guess: of a day that is quiet, judging it whole finds nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from churn_alert.abnormal.domain.rules import LargeRule, ManyPostings, PassingThrough, Rules, Structuring
from churn_alert.abnormal.domain.state import NIGHT, OWN, Activity
from churn_alert.abnormal.domain.sums import codes_of, prefix_of
from churn_alert.abnormal.domain.words import Cell

_NO_SUM = 2**63
"""More than there is money."""


@dataclass(frozen=True, slots=True)
class Floors:
    """Below what nothing is found. `editions`: by first and last day the least sum of money of any threshold, or
    pattern but that of many postings; `bare`: where no edition is in force. `own`: count and sum of what customers
    start. `many`: cells, days and count.
    """

    home: int
    editions: tuple[tuple[int, int, int], ...]
    bare: int
    own: Mapping[int, tuple[int, int]]
    many: tuple[tuple[tuple[int, ...], int, int], ...]
    new_counterparty: int
    waking: int

    def least_on(self, day: int) -> int:
        """The least sum by which anything could be found on that day."""
        for begins, ends, least in self.editions:
            if begins <= day < ends:
                return least
        return self.bare


@lru_cache(maxsize=16)
def floors_of(rules: Rules) -> Floors:
    """Of one document, reckoned once."""
    of = rules.unusual
    return Floors(
        home=prefix_of(rules.home),
        editions=tuple((one.begins, one.ends, _least(one.large, rules)) for one in reversed(rules.editions)),
        bare=_least((), rules),
        own={OWN: (of.frequency.least, of.amount.least), NIGHT: (of.night.least, _NO_SUM)},
        many=tuple(
            (codes_of(one.flows, one.direction, rules.home), one.days, one.count)
            for one in rules.patterns
            if isinstance(one, ManyPostings)
        ),
        new_counterparty=of.new_counterparty,
        waking=of.waking,
    )


def _least(large: tuple[LargeRule, ...], rules: Rules) -> int:
    homes = {one.code: one.home for one in large if one.home is not None}
    sums = [*homes.values(), *(one.least for one in rules.patterns if isinstance(one, PassingThrough))]
    near = [one for one in rules.patterns if isinstance(one, Structuring) and one.below in homes]
    return min([*sums, *(int(one.share * homes[one.below]) for one in near)], default=_NO_SUM)


def is_quiet(state: Activity, day: int, floors: Floors) -> bool:
    """Whether no rule can be met on that day."""
    least, money = floors.least_on(day), 0
    if (cells := state.days.get(day)) is None:
        return least > 0
    for code, (count, minor) in cells.items():
        if (limit := floors.own.get(code)) is not None:
            if count >= limit[0] or minor >= limit[1]:
                return False
        elif code >> 4 != floors.home:
            return False
        elif minor > 0:
            # Both directions and all flows together: no less than any rule adds up.
            money += minor
    return money < least and not _may_be_many(state, day, cells, floors) and _is_nothing_new(state, day, floors)


def _may_be_many(state: Activity, day: int, cells: dict[int, Cell], floors: Floors) -> bool:
    for codes, days, least in floors.many:
        if any(code in cells for code in codes):
            others = (state.days.get(day - ago) or {} for ago in range(days))
            if sum(one[code][0] for one in others for code in codes if code in one) >= least:
                return True
    return False


def _is_nothing_new(state: Activity, day: int, floors: Floors) -> bool:
    for seen in state.counterparties.values():
        if seen.day == day and seen.minor >= floors.new_counterparty:
            return False
    waking = floors.waking
    return not any(of.sums and of.sums.get(day, (0, 0))[1] >= waking for of in state.accounts.values())
