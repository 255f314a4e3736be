"""One file or several merged: the leads of a customer are the same, and once separated each file's are its own."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from churn_alert.abnormal.domain.finding import Change, follow, follow_all, follow_grouped
from churn_alert.abnormal.domain.judging import day_of_key
from churn_alert.abnormal.domain.persons import Persons
from churn_alert.abnormal.domain.state import JUDGED_DAYS, Activity, fold
from churn_alert.abnormal.facts import posting_of
from rapport.events.bank import TransactionRecorded
from tests.churn_alert.abnormal.telling import IN, NO_RATES, OUT, RULES, at
from tests.churn_alert.lives import paid, taken_back

Figures = dict[tuple[str, str], list[int]]
"""Of file and key what is in force."""
START = at("2025-01-06")
KINDS: list[dict[str, Any]] = [
    {"kind": "cash-deposit", "counterparty_class": "cash", "direction": "credit", "channel": "counter"},
    OUT,
    IN,
    OUT | {"counterparty_class": "abroad", "kind": "remittance-out"},
]
AMOUNTS = ["40.00", "900.00", "26000.00", "45000.00", "49000.00", "130000.00", "260000.00"]


def life(random: Random, *, days: int = 80) -> list[TransactionRecorded]:
    """Small things most days, large ones now and then, some taken back days later, some heard days late."""
    told: list[tuple[float, TransactionRecorded]] = []
    for number in range(random.randint(20, 110)):
        when = random.uniform(0, days)
        account = f"a-{random.randint(1, 2)}"
        amount = random.choice(AMOUNTS if random.random() < 0.4 else AMOUNTS[:2])
        fields = random.choice(KINDS) | {"account_id": account, "transaction_no": f"t-{number}"}
        posted = paid("c-1", START + when * timedelta(days=1), amount, **fields)
        heard = when + (random.uniform(1, 40) if random.random() < 0.1 else 0)
        told.append((heard, posted))
        if random.random() < 0.15:
            back = heard + random.uniform(0.1, 12)
            told.append((back, taken_back(posted, START + back * timedelta(days=1))))
    return [one for _, one in sorted(told, key=lambda each: each[0])]


class Files:
    """Two files as the handlers lead them, c-1 the survivor of a merge, and what became of findings on the way."""

    def __init__(self, grouped: Callable[..., list[Change]] = follow_grouped) -> None:
        self.files = {one: Activity(one) for one in ("c-1", "c-2")}
        self.is_one = False
        self.found: Figures = {}
        self.steps: list[tuple[str, str, Any]] = []
        self._grouped = grouped

    @property
    def last_day(self) -> int:
        return max(one.last_day for one in self.files.values())

    def hear(self, file: str, told: TransactionRecorded) -> None:
        posting = posting_of(told, RULES)
        fold(self.files[file], posting)
        if not self.is_one:
            self._take(follow(self.files[file], posting.day, RULES, NO_RATES))
            return
        with self._persons().deciding(self.files["c-1"]) as whole:
            self._take(follow(whole, posting.day, RULES, NO_RATES))

    def merge(self) -> None:
        self.is_one, last = True, self.last_day
        with self._persons().deciding(self.files["c-1"]) as whole:
            self._take(self._grouped(whole, [self.files["c-2"]], RULES, NO_RATES, last_day=last))

    def separate(self) -> None:
        self.is_one, last = False, self.last_day
        for one in self.files.values():
            self._take(self._grouped(one, (), RULES, NO_RATES, last_day=last))

    def _persons(self) -> Persons:
        return Persons.of({"c-1": ("c-1", "c-2")}, self.files)

    def _take(self, changes: Sequence[Change]) -> None:
        for one in changes:
            place = (one.customer_id, one.key)
            if one.what in {"gone", "handed-over"}:
                del self.found[place]
            else:
                assert one.finding is not None
                assert (one.what == "grown") == (place in self.found)
                self.found[place] = [one.finding.count, one.finding.minor]
            self.steps.append((one.key, one.what, self.found.get(place)))


def since(found: Figures, day: int) -> list[tuple[str, list[int]]]:
    """What is in force of the days from this one on, whichever file it is on."""
    return sorted((key, figures) for (_, key), figures in found.items() if day_of_key(key) >= day)


def of_file(found: Figures, file: str) -> Figures:
    return {place: figures for place, figures in found.items() if place[0] == file}


@given(some.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_what_is_found_on_two_files_merged_at_the_beginning_is_step_by_step_what_is_found_on_one(
    random: Random,
) -> None:
    told = life(random)
    one, two = Files(), Files()
    two.merge()
    for fact in told:
        one.hear("c-1", fact)
        two.hear(random.choice(["c-1", "c-2"]), fact)
    assert two.steps == one.steps
    assert two.found == one.found


def after_a_merge(random: Random, grouped: Callable[..., list[Change]]) -> tuple[Any, Any]:
    """What is found of the days that could be judged at a merge at any time: on the files of one person, and on one."""
    told = life(random)
    place, begins = random.randint(0, len(told)), 0
    one, two = Files(), Files(grouped)
    for number, fact in enumerate(told):
        if number == place:
            two.merge()
            begins = two.last_day - JUDGED_DAYS
        one.hear("c-1", fact)
        two.hear(random.choice(["c-1", "c-2"]), fact)
    if place == len(told):
        two.merge()
        begins = two.last_day - JUDGED_DAYS
    return since(two.found, begins), since(one.found, begins)


@given(some.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_after_a_merge_at_any_time_what_is_found_is_what_is_found_on_one_file_and_once(random: Random) -> None:
    two, one = after_a_merge(random, follow_grouped)
    assert two == one


def judged_alone(
    person: Activity, others: Sequence[Activity], rules: Any, value_of: Any, *, last_day: int
) -> list[Change]:
    """Broken: what was found on the other file stays there."""
    return follow_all(person, rules, value_of)


def test_a_merge_that_leaves_findings_where_they_were_is_seen_to_be_wrong() -> None:
    results = [after_a_merge(Random(seed), judged_alone) for seed in range(30)]
    assert any(two != one for two, one in results)


@given(some.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_once_separated_each_file_has_what_it_has_by_itself(random: Random) -> None:
    told = life(random)
    both = Files()
    alone = {one: Files() for one in ("c-1", "c-2")}
    first, second = sorted(random.randint(0, len(told)) for _ in range(2))
    begins = 0
    for number in range(len(told) + 1):
        if number == first:
            both.merge()
        if number == second:
            begins = both.last_day - JUDGED_DAYS
            both.separate()
        if number < len(told):
            file = random.choice(["c-1", "c-2"])
            both.hear(file, told[number])
            alone[file].hear(file, told[number])
    for file, files in alone.items():
        assert since(of_file(both.found, file), begins) == since(of_file(files.found, file), begins)
