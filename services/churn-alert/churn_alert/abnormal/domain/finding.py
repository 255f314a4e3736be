"""What a posting changes of what is found: begun, grown, or not true after all.

Days from the posting's on are judged again, for what it is compared with or counted with may have changed; days before
it never are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from churn_alert.abnormal.domain.judging import DAY, Finding, ValueOf, day_of_key, judge, key_of
from churn_alert.abnormal.domain.rules import Rules
from churn_alert.abnormal.domain.state import JUDGED_DAYS, PATTERN_DAYS, Activity, is_late

What = Literal["found", "grown", "late", "gone"]


@dataclass(frozen=True, slots=True)
class Change:
    """One finding begins, has other figures, or is no longer true; of the last only the key is known. `late`: of a day
    that is judged no more, what a posting adds to it, which may be less than its threshold.
    """

    customer_id: str
    key: str
    what: What
    finding: Finding | None = None


def follow(state: Activity, day: int, rules: Rules, value_of: ValueOf) -> list[Change]:
    """Judge a day and those after it again, remember what is in force, and say what of it changed.

    `state`: of a file, or of a person as one. A day whose others are known no more is left as it was found.
    """
    changes: list[Change] = []
    for one in _to_judge(state, day):
        changes += _of_day(state, one, judge(state, one, rules, value_of))
    return changes


def follow_all(state: Activity, rules: Rules, value_of: ValueOf) -> list[Change]:
    """The same for all days that may be judged: the customer is of other files than before, or of another type."""
    return follow(state, state.last_day - JUDGED_DAYS, rules, value_of)


def _to_judge(state: Activity, day: int) -> Iterator[int]:
    if is_late(state, day):
        # Of no day its own, but what is usual on those after it may have changed, and with whom it was first.
        day = state.last_day - JUDGED_DAYS
    if day == state.last_day:
        return iter((day,))
    named = {day_of_key(key) for key in state.in_force}
    return iter(sorted(one for one in {*state.days, *named} if day <= one <= state.last_day))


def _of_day(state: Activity, day: int, found: Mapping[str, Finding]) -> Iterator[Change]:
    for key, finding in found.items():
        if key in state.elsewhere:
            continue
        known, now = state.in_force.get(key), [finding.count, finding.minor]
        if known != now:
            state.in_force[key] = now
            yield Change(state.customer_id, key, "found" if known is None else "grown", finding)
    if not state.in_force:
        return
    begins = key_of("", day)[:DAY]
    for key in [key for key in state.in_force if key not in found and key[:DAY] == begins]:
        del state.in_force[key]
        yield Change(state.customer_id, key, "gone")


def forget_old(state: Activity) -> None:
    """What can change no more need not be remembered: its lead stays."""
    judged = state.last_day - JUDGED_DAYS
    for of in state.accounts.values():
        of.forget_before(judged)
    oldest = judged - PATTERN_DAYS
    for key in [key for key in state.in_force if day_of_key(key) < oldest]:
        del state.in_force[key]
