"""What a posting changes of what is found: begun, grown, or not true after all.

Days from the posting's on are judged again, for what it is compared with or counted with may have changed; days before
it never are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from churn_alert.abnormal.domain.judging import DAY, Finding, ValueOf, day_of_key, judge, key_of
from churn_alert.abnormal.domain.leads import Lead
from churn_alert.abnormal.domain.rules import Rules
from churn_alert.abnormal.domain.state import JUDGED_DAYS, PATTERN_DAYS, Activity, is_late

What = Literal["found", "grown", "late", "gone", "handed-over", "given-back"]


@dataclass(frozen=True, slots=True)
class Change:
    """One finding begins, has other figures, or is no longer true; of the last only the key is known. `late`: of a day
    that is judged no more, what a posting adds to it, which may be less than its threshold. `handed-over`: it is the
    survivor's by a merge; `given-back`: the survivor is destroyed, and the day is judged no more.

    `others`: other files of the person; of what begins by a merge those that it was found on before, of what is late
    those that its day may have been found on, of what is given back those that had it.
    """

    customer_id: str
    key: str
    what: What
    finding: Finding | None = None
    others: tuple[str, ...] = ()


def follow(state: Activity, day: int, rules: Rules, value_of: ValueOf) -> list[Change]:
    """Judge a day and those after it again, remember what is in force, and say what of it changed.

    `state`: of a file, or of a person as one. A day whose others are known no more is left as it was found.
    """
    changes: list[Change] = []
    for one in _to_judge(state, day):
        changes += _of_day(state, one, judge(state, one, rules, value_of))
    return changes


def follow_all(state: Activity, rules: Rules, value_of: ValueOf) -> list[Change]:
    """The same for all days that may be judged: what is known on other files has changed, or the customer's type."""
    return follow(state, state.last_day - JUDGED_DAYS, rules, value_of)


def follow_grouped(
    person: Activity,
    others: Sequence[Activity],
    rules: Rules,
    value_of: ValueOf,
    *,
    last_day: int,
    lost: Sequence[str] = (),
) -> list[Change]:
    """Judge a person of other files than before: what is found is the survivor's from now on, and what was found on the
    other files is theirs no more. Of a file that is separated, `others` is empty, and all is its own.

    `last_day`: the latest of all files that were or are one person. What lay further back than may be judged stays
    where it was found: of such a day not even the person's others are known. `lost`: files of the person that are
    destroyed, on any of which what begins may have been found before.
    """
    begins, changes = last_day - JUDGED_DAYS, list[Change]()
    # What was found while the files were one may lie behind the last day of this one.
    for day in sorted({*person.days, *map(day_of_key, person.in_force)}):
        if begins <= day <= last_day:
            changes += _of_day(person, day, judge(person, day, rules, value_of))
    found_on: dict[str, tuple[str, ...]] = {}
    ended: list[Change] = []
    for one in others:
        for key in [key for key in one.in_force if day_of_key(key) >= begins]:
            del one.in_force[key]
            found_on[key] = (*found_on.get(key, ()), one.customer_id)
            ended.append(Change(one.customer_id, key, "handed-over"))
    begun = [
        replace(one, others=(*found_on.get(one.key, ()), *lost)) if one.what == "found" else one for one in changes
    ]
    return begun + ended


def given_back(file: str, lost: Sequence[str], held: Iterable[Lead], *, last_day: int) -> list[Change]:
    """What a file gets back of what was found on days that are judged no more, if it had handed it over.

    `lost`: files of its person that are destroyed; `held`: what was true of such; `last_day`: the latest of all files
    that were one person.
    """
    begins = last_day - JUDGED_DAYS
    keys = sorted({one.key for one in held if one.customer_id in lost and day_of_key(one.key) < begins})
    return [Change(file, key, "given-back", None, tuple(lost)) for key in keys]


def _to_judge(state: Activity, day: int) -> Iterator[int]:
    if is_late(state.last_day, day):
        # Of no day its own, but what is usual on those after it may have changed, and with whom it was first.
        day = state.last_day - JUDGED_DAYS
    if day == state.last_day:
        return iter((day,))
    named = {day_of_key(key) for key in state.in_force}
    return iter(sorted(one for one in {*state.days, *named} if day <= one <= state.last_day))


def _of_day(state: Activity, day: int, found: Mapping[str, Finding]) -> Iterator[Change]:
    for key, finding in found.items():
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
