"""A day beside the customer's own days before it: how often, how much, when, with whom, and after how long a rest.

The usual is the mean and the spread of the days before, so the range follows the customer. Of who has too few days to
compare with there is no range, and nothing is found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log, sqrt

from churn_alert.abnormal.domain.rules import Measured, Unusual
from churn_alert.abnormal.domain.state import NIGHT, OWN, RANGE_DAYS, Activity

RANGES = frozenset({"unusual-frequency", "unusual-amount", "unusual-night", "new-counterparty", "dormant-waking"})
"""What a customer's own range is of."""
_LEAST_SPREAD_OF_SUMS = 0.5
"""Of the logarithm of a day's sum: of who always pays the same twice as much is no news; e^(4 times 0.5) is 7.4."""
_MOST_LOG = 700.0
"""e to more than some 709 is no number of a computer's; no sum of money is e^700."""
_FAINT_NIGHT, _FAINT_DAY = 1, 20
"""Postings by night, and in all, that everybody is taken to have had: nobody's share of the night is nought."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a day with what is normal for this customer; no range where there is not enough history.

    `deviations`: how far the figure lies above the usual, in units of the spread.
    """

    rule: str
    count: int
    minor: int
    value: float
    usual: float | None = None
    normal_high: float | None = None
    deviations: float | None = None
    about: str | None = None
    """The account, or the class of counterparties, that it is of; None: the customer's day."""

    @property
    def has_history(self) -> bool:
        """Whether there is something to compare with."""
        return self.normal_high is not None

    @property
    def is_out(self) -> bool:
        """Whether the figure lies above the range."""
        return self.normal_high is not None and self.value > self.normal_high


@dataclass(frozen=True, slots=True)
class Past:
    """The customer's own days before one: how many there are, and count, sum and share of the night of each active."""

    days: int
    counts: tuple[int, ...]
    minors: tuple[int, ...]
    nights: int


def past_of(state: Activity, day: int, rules: Unusual, *, active_days: int) -> Past | None:
    """What a day is compared with; None where it is not enough, or on fewer days than these anything was done."""
    if state.active_days is None:
        return None
    days = min(RANGE_DAYS, day - state.active_days.first.toordinal())
    if days < rules.history_days:
        return None
    before = [cells for one in range(day - days, day) if (cells := state.days.get(one)) and cells.get(OWN, (0,))[0] > 0]
    if len(before) < active_days:
        return None
    own = [cells[OWN] for cells in before]
    nights = sum(cells.get(NIGHT, (0,))[0] for cells in before)
    return Past(days, tuple(one[0] for one in own), tuple(one[1] for one in own if one[1] > 0), nights)


def unusual(state: Activity, day: int, rules: Unusual) -> Iterator[Measure]:
    """What of this day lies out of the customer's own range, from the sums on that the rules look at."""
    count, minor = state.days.get(day, {}).get(OWN, (0, 0))
    night = state.days.get(day, {}).get(NIGHT, (0, 0))[0]
    if count >= rules.frequency.least or minor >= rules.amount.least or night >= rules.night.least:
        yield from (one for one in measures(state, day, rules) if one.is_out)
    if count > 0:
        yield from _new_counterparty(state, day, rules)
        yield from _waking(state, day, rules)


def measures(state: Activity, day: int, rules: Unusual) -> tuple[Measure, ...]:
    """How often, how much and by night: each of the day with its range, which there is none of without history."""
    count, minor = state.days.get(day, {}).get(OWN, (0, 0))
    night = state.days.get(day, {}).get(NIGHT, (0, 0))[0]
    past = past_of(state, day, rules, active_days=min(rules.active_days, rules.night_active_days))
    spread = past if past is not None and len(past.counts) >= rules.active_days else None
    by_night = past if past is not None and len(past.counts) >= rules.night_active_days else None
    return (
        _frequency(count, minor, spread, rules.frequency),
        _amount(count, minor, spread, rules.amount),
        _night(night, count, by_night, rules.night),
    )


def _frequency(count: int, minor: int, past: Past | None, rule: Measured) -> Measure:
    """Postings a day, days without any among them. The spread is at least that of chance at this pace (Poisson)."""
    if past is None:
        return Measure("unusual-frequency", count, minor, float(count))
    mean = sum(past.counts) / past.days
    spread = sqrt(max(sum(one * one for one in past.counts) / past.days - mean * mean, mean))
    return _measure("unusual-frequency", count, minor, float(count), mean, spread, rule)


def _amount(count: int, minor: int, past: Past | None, rule: Measured) -> Measure:
    """A day's sum against those of active days, by their logarithms: sums of money are spread by factors."""
    if past is None or not past.minors:
        return Measure("unusual-amount", count, minor, float(minor))
    logs = [log(one) for one in past.minors]
    mean = sum(logs) / len(logs)
    spread = max(sqrt(sum((one - mean) ** 2 for one in logs) / len(logs)), _LEAST_SPREAD_OF_SUMS)
    high = max(exp(min(mean + rule.deviations * spread, _MOST_LOG)), float(rule.least - 1))
    deviations = (log(minor) - mean) / spread if minor > 0 else 0.0
    return Measure("unusual-amount", count, minor, float(minor), exp(mean), high, deviations)


def _night(night: int, count: int, past: Past | None, rule: Measured) -> Measure:
    """Postings by night among the day's, against the share of the night before (binomial)."""
    if past is None:
        return Measure("unusual-night", night, 0, float(night))
    share = (past.nights + _FAINT_NIGHT) / (sum(past.counts) + _FAINT_DAY)
    mean = count * share
    return _measure("unusual-night", night, 0, float(night), mean, sqrt(max(mean * (1 - share), 0.0)), rule)


def _measure(name: str, count: int, minor: int, value: float, mean: float, spread: float, rule: Measured) -> Measure:
    # Below the least that is looked at nothing is out, whatever the spread says.
    high = max(mean + rule.deviations * spread, float(rule.least - 1))
    return Measure(name, count, minor, value, mean, high, (value - mean) / spread if spread else 0.0)


def _new_counterparty(state: Activity, day: int, rules: Unusual) -> Iterator[Measure]:
    """Each class by itself: what two that are new come to together is no reason to look at either."""
    for name, one in state.counterparties.items():
        if one.day == day and one.times > 0 and one.minor >= rules.new_counterparty:
            if past_of(state, day, rules, active_days=rules.new_active_days) is None:
                return
            yield Measure("new-counterparty", one.times, one.minor, float(one.minor), about=name)


def _waking(state: Activity, day: int, rules: Unusual) -> Iterator[Measure]:
    """Activity on an account after a long rest of it, whatever the customer did on others."""
    for account, of in state.accounts.items():
        count, minor = of.sums.get(day, (0, 0))
        rest = of.rest_before(day) if count > 0 and minor >= rules.waking else None
        if rest is not None and rest > rules.dormant_days:
            high = float(rules.dormant_days)
            yield Measure("dormant-waking", count, minor, float(rest), normal_high=high, about=account)
