"""How long customers stay after an alert, with those whose story is not over yet counted as what they are: not over.

Source of the log-rank test: N. Mantel, Cancer Chemotherapy Reports 50 (1966).
"""

from collections import Counter
from collections.abc import Mapping
from math import erfc, sqrt
from typing import NamedTuple

from rapport.behaviour.survival import Step, kaplan_meier


class Stay(NamedTuple):
    """One customer: gone after so many days, or seen for so many and not gone."""

    days: int
    is_gone: bool


Stays = Mapping[Stay, int]
"""How many customers stayed so; a bank's hundred thousand are alike in a few hundred ways."""


class LogRank(NamedTuple):
    """Whether two groups stay alike: chi-square of one degree of freedom, and its probability if they did."""

    statistic: float
    p_value: float


def stayed(stays: Stays) -> list[Step]:
    """A step for each day on which somebody went, the first first; empty where nobody did."""
    gone, ended = _counts(stays)
    return kaplan_meier(gone, ended - gone)


def log_rank(first: Stays, second: Stays) -> LogRank | None:
    """None where nobody went, or never while both groups were watched: then nothing can be compared."""
    (gone_first, ended_first), (gone_second, ended_second) = _counts(first), _counts(second)
    there_first, there_second, apart, variance = ended_first.total(), ended_second.total(), 0.0, 0.0
    for day in sorted(ended_first.keys() | ended_second.keys()):
        there, left = there_first + there_second, gone_first[day] + gone_second[day]
        if left:
            share = there_first / there
            apart += gone_first[day] - left * share
            if there > 1:
                variance += left * share * (1.0 - share) * (there - left) / (there - 1)
        there_first -= ended_first[day]
        there_second -= ended_second[day]
    if variance <= 0.0:
        return None
    statistic = apart * apart / variance
    return LogRank(statistic, above_chi_square(statistic))


def above_chi_square(statistic: float) -> float:
    """The chance of at least so much, of one degree of freedom: that of a normal number beyond its root."""
    return erfc(sqrt(statistic / 2.0))


def _counts(stays: Stays) -> tuple[Counter[int], Counter[int]]:
    """By day, who was gone, and who is no longer watched afterwards for whichever cause."""
    gone, ended = Counter[int](), Counter[int]()
    for one, customers in stays.items():
        ended[one.days] += customers
        gone[one.days] += customers if one.is_gone else 0
    return gone, ended
