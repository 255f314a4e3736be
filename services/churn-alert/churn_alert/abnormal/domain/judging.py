"""What is found of a day: a function of the customer's state, the rules in force on that day and its exchange rates.

Judged again after anything that came for the day or a day before it, so late and reversed postings change what is
found, and the same postings in any order leave the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from churn_alert.abnormal.domain.quiet import floors_of, is_quiet
from churn_alert.abnormal.domain.ranges import Measure, unusual
from churn_alert.abnormal.domain.rules import LargeRule, ManyPostings, PassingThrough, Rules, Structuring
from churn_alert.abnormal.domain.state import Activity, Posting, cell_of, currency_of
from churn_alert.abnormal.domain.sums import prefix_of, total
from churn_alert.abnormal.domain.words import DIRECTIONS, Direction, Kind

ValueOf = Callable[[str, int, int], int | None]
"""`value_of(currency, minor, day)`: in the rules' foreign currency, minor units; None where no rate is known."""
MOST = 10**18 - 1
"""Minor units that a finding says at most: what the sums of a day come to beyond is no other finding."""


DAY = 10
"""So many letters of a key are its day."""


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
    rules = rules.on(day)
    if is_quiet(state, day, floors_of(rules)):
        return {}
    return judge_whole(state, day, rules, value_of)


def judge_whole(state: Activity, day: int, rules: Rules, value_of: ValueOf) -> dict[str, Finding]:
    """The same, every rule asked."""
    found = [*_large(state, day, rules, value_of), *_patterns(state, day, rules)]
    found += [_unusual(one, day, rules.home) for one in unusual(state, day, rules.unusual)]
    return {one.key: one for one in found}


def late(posting: Posting, rules: Rules, value_of: ValueOf, *, is_natural: bool) -> list[Finding]:
    """What a posting adds to each large sum of a day whose others are known no more; a reversal nothing."""
    if posting.flow is None or posting.sign < 0:
        return []
    found, rules = list[Finding](), rules.on(posting.day)
    day, direction, is_home = posting.day, posting.direction, posting.currency == rules.home
    worth = posting.minor if is_home else value_of(posting.currency, posting.minor, day)
    for rule in rules.large_on(day):
        if worth is None or posting.flow not in rule.flows or not rule.is_for(is_natural=is_natural):
            continue
        if not is_home:
            found.append(_of_large(rule, day, direction, "foreign", 1, worth, rules.foreign, rule.foreign))
        elif rule.home is not None:
            found.append(_of_large(rule, day, direction, "home", 1, worth, rules.home, rule.home))
    return found


def key_of(rule: str, day: int, direction: str = "-", group: str = "-") -> str:
    """The name of a finding within its customer; the day comes first, so that keys sort by it."""
    return f"{date.fromordinal(day).isoformat()}|{rule}|{direction}|{group}"


def day_of_key(key: str) -> int:
    """The day that a key names."""
    return date.fromisoformat(key[:DAY]).toordinal()


def _large(state: Activity, day: int, rules: Rules, value_of: ValueOf) -> Iterator[Finding]:
    own = prefix_of(rules.home)
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
    key, on = key_of(rule.code, day, direction, group), date.fromordinal(day)
    return Finding(key, rule.code, "large", on, count, min(minor, MOST), currency, threshold, direction)


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
    key, on = key_of(code, day, direction or "-"), date.fromordinal(day)
    return Finding(key, code, "pattern", on, count, min(minor, MOST), currency, threshold, direction)


def _unusual(measure: Measure, day: int, currency: str) -> Finding:
    key, minor = key_of(measure.rule, day, group=measure.about or "-"), min(measure.minor, MOST)
    on = date.fromordinal(day)
    return Finding(key, measure.rule, "unusual", on, measure.count, minor, currency, None, measure=measure)
