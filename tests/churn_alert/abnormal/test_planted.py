"""What a simulated bank planted is found, by the rule that is meant for it; floors below what was measured."""

import pytest

from benchmarks.leads import Judged, judged, lives_of
from simulator.bank import Bank, Plan


@pytest.fixture(scope="module")
def seen() -> Judged:
    bank = Bank(Plan(seed=404, customers=250, months=6, abnormal=0.5))
    return judged(lives_of(bank), bank.planted())


def test_every_large_sum_and_every_pattern_that_was_planted_is_found(seen: Judged) -> None:
    assert min(seen.planted.values()) >= 10
    for kind in ("large-cash", "structured-cash", "large-cross-border"):
        assert seen.recall[kind] == 1.0
    # Where wages came on the same day, less than the share of all that came in has left again.
    assert seen.recall["passed-through"] >= 0.75


def test_what_lies_out_of_the_own_range_is_found_of_who_has_one(seen: Judged) -> None:
    assert seen.recall["night"] >= 0.9
    assert seen.recall["new-counterparty"] >= 0.7


def test_patterns_and_nights_are_found_of_hardly_anybody_else(seen: Judged) -> None:
    assert seen.precision["pattern"] >= 0.9
    assert seen.precision["unusual-night"] >= 0.9
