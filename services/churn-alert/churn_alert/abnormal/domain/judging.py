"""What is found of a day: a function of the customer's state, the rules in force on that day and its exchange rates.

Judged again after anything that came for the day or a day before it, so late and reversed postings change what is
found, and the same postings in any order leave the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from churn_alert.abnormal.domain.ranges import Measure, unusual
from churn_alert.abnormal.domain.rules import LargeRule, ManyPostings, PassingThrough, Rules, Structuring
from churn_alert.abnormal.domain.state import Activity, Posting, cell_of, code_of, currency_of
from churn_alert.abnormal.domain.words import DIRECTIONS, Direction, Flow, Kind

ValueOf = Callable[[str, int, int], int | None]
"""`value_of(currency, minor, day)`: in the rules' foreign currency, minor units; None where no rate is known."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a day meets. `key` names rule, day and what was counted: within a customer it is one finding."""

    key: str
    rule: str
    kind: Kind
    day: date
    count: int
    minor: int
    currency: str
    threshold: int | None
    """In minor units; None where there is no sum to reach."""
    direction: Direction | None = None
    measure: Measure | None = None


def judge(state: Activity, day: int, rules: Rules, value_of: ValueOf) -> dict[str, Finding]:
    """All that is found of a day, by key."""
    found = [*_large(state, day, rules, value_of), *_patterns(state, day, rules)]
    found += [_unusual(one, day, rules.currency) for one in unusual(state, day, rules.unusual)]
    return {one.key: one for one in found}


def single(posting: Posting, rules: Rules, value_of: ValueOf, *, is_natural: bool) -> dict[str, Finding]:
    """What a posting meets by itself: the others of its day are known no more."""
    if posting.flow is None or posting.sign < 0:
        return {}
    code = code_of(posting.currency, cell_of(posting.flow, posting.direction))
    alone = Activity("", {posting.day: {code: [1, posting.minor]}}, posting.day, is_natural=is_natural)
    return {one.key: one for one in _large(alone, posting.day, rules, value_of)}


def total(state: Activity, day: int, flows: tuple[Flow, ...], direction: Direction, currency: str) -> tuple[int, int]:
    """Count and sum of a day in one currency."""
    count = minor = 0
    if cells := state.days.get(day):
        for code in _codes_of(flows, direction, currency):
            if cell := cells.get(code):
                count += cell[0]
                minor += cell[1]
    return count, minor


@cache
def _codes_of(flows: tuple[Flow, ...], direction: Direction, currency: str) -> tuple[int, ...]:
    return tuple(code_of(currency, cell_of(flow, direction)) for flow in flows)


def key_of(rule: str, day: int, direction: str = "-", group: str = "-") -> str:
    """The name of a finding within its customer; the day comes first, so that keys sort by it."""
    return f"{date.fromordinal(day).isoformat()}|{rule}|{direction}|{group}"


def day_of_key(key: str) -> int:
    """The day that a key names."""
    return date.fromisoformat(key[:10]).toordinal()


def _large(state: Activity, day: int, rules: Rules, value_of: ValueOf) -> Iterator[Finding]:
    own = code_of(rules.home, 0) >> 4
    has_foreign = any(code >> 4 not in {0, own} for code in state.days.get(day, ()))
    for rule in rules.large_on(day):
        if not rule.is_for(is_natural=state.is_natural):
            continue
        for direction in DIRECTIONS:
            count, minor = total(state, day, rule.flows, direction, rules.home)
            if rule.home is not None and minor >= rule.home:
                yield _of_large(rule, day, direction, "home", count, minor, rules.home, rule.home)
            if not has_foreign:
                continue
            count, minor = _foreign(state, day, rule, direction, rules, value_of)
            if minor >= rule.foreign:
                yield _of_large(rule, day, direction, "foreign", count, minor, rules.foreign, rule.foreign)


def _of_large(
    rule: LargeRule, day: int, direction: Direction, group: str, count: int, minor: int, currency: str, threshold: int
) -> Finding:
    key = key_of(rule.code, day, direction, group)
    return Finding(key, rule.code, "large", date.fromordinal(day), count, minor, currency, threshold, direction)


def _foreign(
    state: Activity, day: int, rule: LargeRule, direction: Direction, rules: Rules, value_of: ValueOf
) -> tuple[int, int]:
    """Count and value of all other currencies together; what no rate is known for cannot be valued yet."""
    wanted = {cell_of(flow, direction) for flow in rule.flows}
    counted = value = 0
    for code, (count, minor) in state.days.get(day, {}).items():
        if code >> 4 and code & 15 in wanted and (currency := currency_of(code)) != rules.home:
            worth = value_of(currency, minor, day)
            if worth is not None:
                counted += count
                value += worth
    return counted, value


def _patterns(state: Activity, day: int, rules: Rules) -> Iterator[Finding]:
    for pattern in rules.patterns:
        match pattern:
            case Structuring():
                yield from _structuring(state, day, pattern, rules)
            case PassingThrough():
                yield from _passing(state, day, pattern, rules.home)
            case ManyPostings():
                yield from _many(state, day, pattern, rules.home)


def _structuring(state: Activity, day: int, pattern: Structuring, rules: Rules) -> Iterator[Finding]:
    below = next((one for one in rules.large_on(day) if one.code == pattern.below), None)
    if below is None or below.home is None or not below.is_for(is_natural=state.is_natural):
        return
    low, high = int(pattern.share * below.home), below.home
    for direction in DIRECTIONS:
        if not low <= total(state, day, below.flows, direction, rules.home)[1] < high:
            continue
        days = [total(state, day - ago, below.flows, direction, rules.home) for ago in range(pattern.days)]
        near = [one for one in days if low <= one[1] < high]
        if len(near) >= pattern.times:
            count, minor = sum(one[0] for one in near), sum(one[1] for one in near)
            yield _of_pattern(pattern.code, day, direction, count, minor, rules.home, high)


def _passing(state: Activity, day: int, pattern: PassingThrough, currency: str) -> Iterator[Finding]:
    count_in, came = total(state, day, pattern.flows, "credit", currency)
    if came < pattern.least:
        return
    count_out, left = total(state, day, pattern.flows, "debit", currency)
    if left >= pattern.share * came:
        yield _of_pattern(pattern.code, day, None, count_in + count_out, came, currency, pattern.least)


def _many(state: Activity, day: int, pattern: ManyPostings, currency: str) -> Iterator[Finding]:
    if not total(state, day, pattern.flows, pattern.direction, currency)[0]:
        return
    days = [total(state, day - ago, pattern.flows, pattern.direction, currency) for ago in range(pattern.days)]
    count, minor = sum(one[0] for one in days), sum(one[1] for one in days)
    if count >= pattern.count and minor >= pattern.least:
        yield _of_pattern(pattern.code, day, pattern.direction, count, minor, currency, pattern.least)


def _of_pattern(
    code: str, day: int, direction: Direction | None, count: int, minor: int, currency: str, threshold: int
) -> Finding:
    key = key_of(code, day, direction or "-")
    return Finding(key, code, "pattern", date.fromordinal(day), count, minor, currency, threshold, direction)


def _unusual(measure: Measure, day: int, currency: str) -> Finding:
    key, on = key_of(measure.rule, day), date.fromordinal(day)
    return Finding(key, measure.rule, "unusual", on, measure.count, measure.minor, currency, None, measure=measure)
