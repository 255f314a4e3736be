"""The states of files that were merged, added up: as if all had been one file, and nothing of a file changed by it."""

from copy import deepcopy
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.persons import DECIDED, Persons, added
from rapport.events.base import Event
from tests.churn_alert.lives import START, drawn, fold

_NAMES = ("c-1", "c-2", "c-3")


def dealt(events: list[Event], random: Random) -> tuple[list[Risk], Risk]:
    """Files with these events dealt out at random, and one file with all of them."""
    files, whole = [Risk(name) for name in _NAMES], Risk("c-1")
    for event in events:
        for file in (random.choice(files), whole):
            fold(file, event)
    return files, whole


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), random=st.randoms(use_true_random=False))
def test_however_events_are_dealt_out_over_files_the_sum_is_one_file_with_all(seed: int, random: Random) -> None:
    files, whole = dealt(drawn(Random(seed), "c-1", days=200), random)
    before = deepcopy(files)
    survivor, *others = files
    person = added(survivor, others)
    assert files == before
    for name in ("own_transactions", "channel_uses", "negative_feedbacks", "active_days", "first_event_at"):
        assert getattr(person, name) == getattr(whole, name), name
    assert (person.last_activity_at, person.sums.as_of) == (whole.last_activity_at, whole.sums.as_of)
    scale = max(map(abs, whole.sums.values), default=1.0)
    assert person.sums.values == pytest.approx(whole.sums.values, rel=1e-9, abs=1e-9 * scale)
    assert added(survivor, others[::-1]) == person


def test_a_no_to_care_on_any_file_is_the_persons() -> None:
    files = [Risk(name, consent_refused=name == "c-2") for name in _NAMES]
    for survivor in files:
        assert added(survivor, [one for one in files if one is not survivor]).consent_refused


def test_that_feedback_is_not_to_count_on_any_file_is_the_persons() -> None:
    files = [Risk(name, without_feedback=name == "c-2") for name in _NAMES]
    for survivor in files:
        assert added(survivor, [one for one in files if one is not survivor]).without_feedback


def test_a_persons_decision_is_written_into_the_survivor_and_changes_nothing_else_of_it() -> None:
    survivor, other = Risk("c-1", own_transactions=1), Risk("c-2", own_transactions=2, is_raised=True)
    persons = Persons.of({"c-1": ("c-1", "c-2")}, {"c-1": survivor, "c-2": other})
    with persons.deciding(survivor) as person:
        assert person.own_transactions == 3
        person.is_raised, person.level_since, person.probability = True, START, 0.7
    changed = {name for name in Risk.__slots__ if getattr(survivor, name) != getattr(Risk("c-1"), name)}
    assert changed - set(DECIDED) == {"own_transactions"}
    assert (survivor.own_transactions, survivor.probability) == (1, 0.7)
    assert other == Risk("c-2", own_transactions=2, is_raised=True)
