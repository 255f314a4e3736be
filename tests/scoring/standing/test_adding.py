"""The states of files that were merged, added up: as if all had been one file, and nothing of a file changed by it."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from scoring.standing.domain.adding import DECIDED, added
from scoring.standing.domain.assets import average_valuation, month_of
from scoring.standing.domain.holdings import Holdings
from scoring.standing.domain.opening import Posting
from scoring.standing.domain.persons import Persons
from scoring.standing.domain.state import Standing, fold_holdings, fold_posting
from scoring.standing.facts import holdings_of
from scoring.standing.store.cells import cells_of
from tests.scoring.facts import MONDAY, holdings
from tests.scoring.standing.test_state import BANK, SHANGHAI, assert_alike, postings

_NAMES = ("c-1", "c-2", "c-3")


def dealt(events: list[Posting], random: Random) -> tuple[list[Standing], Standing]:
    """Files with these postings dealt out at random, and one file with all of them."""
    files, whole = [Standing(name) for name in _NAMES], Standing("c-1")
    for event in events:
        for file in (random.choice(files), whole):
            fold_posting(file, event, SHANGHAI)
    return files, whole


@given(st.lists(postings, max_size=25), st.randoms(use_true_random=False))
def test_however_postings_are_dealt_out_over_files_the_sum_is_one_file_with_all(
    events: list[Posting], random: Random
) -> None:
    files, whole = dealt(events, random)
    survivor, *others = files
    assert_alike(added(survivor, others), whole, 1.0 + sum(event.minor for event in events))


@given(st.lists(postings, max_size=15), st.randoms(use_true_random=False))
def test_adding_changes_no_file_and_is_the_same_to_the_bit_in_any_order(events: list[Posting], random: Random) -> None:
    files, _ = dealt(events, random)
    before = deepcopy(files)
    survivor, *others = files
    assert added(survivor, others) == added(survivor, others[::-1])
    assert files == before


told = st.lists(st.tuples(st.sampled_from(_NAMES), st.integers(0, 120), st.integers(0, 10**9)), max_size=20)


@given(told)
def test_a_months_holdings_of_a_person_are_the_sum_of_the_files(words: list[tuple[str, int, int]]) -> None:
    """In each month that still counts, though the files were told of on different days."""
    files = {name: Standing(name) for name in _NAMES}
    for revision, (name, day, minor) in enumerate(words, start=1):
        at = MONDAY + timedelta(days=day)
        fact = holdings(revision, f"{minor / 100:.2f}", customer_id=name, at=at)
        fold_holdings(files[name], holdings_of(fact, BANK))
    survivor, *others = files.values()
    person = added(survivor, others).holdings
    assert person.investments_minor == sum(file.holdings.investments_minor for file in files.values())
    assert person.products == sum(file.holdings.products for file in files.values())
    last = max((one.day for file in files.values() for one in file.holdings.valuations), default=None)
    if last is not None:
        month = month_of(MONDAY.fromordinal(last).date())
        for asked in (month - 1, month, month + 1):
            each = sum(average_valuation(file.holdings.valuations, asked) for file in files.values())
            assert abs(average_valuation(person.valuations, asked) - each) <= 1e-9 * (1.0 + each)


def test_the_worst_loan_and_a_refusal_on_any_file_are_the_persons() -> None:
    one, other = Standing("c-1", consent_refused=True), Standing("c-2", automation_refused=True)
    one.holdings, other.holdings = Holdings({}, 1, MONDAY, 1), Holdings({}, 2, MONDAY, 3)
    person = added(one, [other])
    assert (person.holdings.loan_class, person.holdings.revision) == (3, 3)
    assert (person.automation_refused, person.consent_refused) == (True, True)


def test_a_persons_decision_is_written_into_the_survivor_and_changes_nothing_else_of_it() -> None:
    survivor = Standing("c-1", transactions=1)
    other = Standing("c-2", transactions=2, tier="high", automation_refused=True)
    with Persons.of({"c-1": ("c-1", "c-2")}, {"c-1": survivor, "c-2": other}).deciding(survivor) as person:
        assert person.transactions == 3
        person.tier, person.points, person.revision, person.due_at = "middle", 160, 1, MONDAY
    decided = {name: getattr(person, name) for name in DECIDED}
    assert survivor == replace(Standing("c-1", transactions=1), **decided)
    assert cells_of(other) == cells_of(Standing("c-2", transactions=2, tier="high", automation_refused=True))
