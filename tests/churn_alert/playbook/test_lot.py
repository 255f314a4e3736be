"""Who is held out: the share that is written, at random, for ever the same, and in each experiment anew."""

from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from churn_alert.playbook.domain.lot import HoldOut, Lot

LOT = Lot(bytes(range(32)))
PERSONS = [f"c-{number}" for number in range(20_000)]
CODE = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
TOKEN = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,40}", fullmatch=True)
LEAST_P = 1e-4
"""So that a right lot fails once in ten thousand names of an experiment; names here are fixed, so it never does."""


def held_out(experiment: str, share: float) -> list[bool]:
    return [LOT.draw(HoldOut(experiment, share), person) == "held-out" for person in PERSONS]


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("experiment", ["care-by-call", "welcome", "x"])
def test_the_share_that_is_written_is_held_out(experiment: str, share: float) -> None:
    out = sum(held_out(experiment, share))
    expected = [share * len(PERSONS), (1 - share) * len(PERSONS)]
    assert chisquare([out, len(PERSONS) - out], expected).pvalue > LEAST_P


def test_the_lot_is_uniform_so_that_any_share_is_drawn_from_it() -> None:
    """Each tenth of the lot has a tenth of the people: growing the share takes nobody back."""
    shares = [tenth / 20 for tenth in range(1, 11)]
    counts = [sum(held_out("care-by-call", share)) for share in shares]
    bands = [counts[0], *(later - earlier for earlier, later in zip(counts, counts[1:], strict=False))]
    assert chisquare(bands).pvalue > LEAST_P
    for earlier, later in zip(shares, shares[1:], strict=False):
        before, after = held_out("care-by-call", earlier), held_out("care-by-call", later)
        assert all(then for once, then in zip(before, after, strict=True) if once)


@pytest.mark.parametrize(("one", "other"), [("care-by-call", "money-advice"), ("welcome", "welcome-2"), ("a", "b")])
def test_who_is_held_out_of_one_experiment_is_as_likely_in_another_as_anybody(one: str, other: str) -> None:
    pairs = list(zip(held_out(one, 0.2), held_out(other, 0.2), strict=True))
    table = [[pairs.count((left, right)) for right in (False, True)] for left in (False, True)]
    assert chi2_contingency(table).pvalue > LEAST_P


def test_a_lot_that_forgets_its_experiment_would_be_found() -> None:
    pairs = list(zip(held_out("same", 0.2), held_out("same", 0.2), strict=True))
    table = [[pairs.count((left, right)) for right in (False, True)] for left in (False, True)]
    assert chi2_contingency(table).pvalue < LEAST_P


@given(CODE, TOKEN, st.floats(0.01, 0.5))
def test_a_person_is_in_one_arm_of_an_experiment_however_often_it_is_drawn(
    experiment: str, person: str, share: float
) -> None:
    assert LOT.draw(HoldOut(experiment, share), person) == Lot(LOT.key).draw(HoldOut(experiment, share), person)


def test_arms_that_were_drawn_once_stay_drawn_with_every_release() -> None:
    """Values written down: a changed hash would move people between arms in the middle of an experiment."""
    arms = {person: LOT.draw(HoldOut("care-of-the-rest", 0.2), person) for person in ("c-3", "c-5", "c-1", "c-2")}
    assert arms == WRITTEN


def test_who_has_another_key_or_none_can_guess_an_arm_no_better_than_by_chance() -> None:
    """As the lot was once, by a plain hash, whoever read experiment and share could tell the arm of every customer."""
    bound = 0.2 * 2**64
    plain = [
        int.from_bytes(blake2b(f"care-of-the-rest|{one}".encode(), digest_size=8).digest()) < bound for one in PERSONS
    ]
    drawn = held_out("care-of-the-rest", 0.2)
    other = [Lot(bytes(32)).draw(HoldOut("care-of-the-rest", 0.2), one) == "held-out" for one in PERSONS]
    for guessed in (plain, other):
        pairs = list(zip(guessed, drawn, strict=True))
        table = [[pairs.count((left, right)) for right in (False, True)] for left in (False, True)]
        assert chi2_contingency(table).pvalue > LEAST_P


def test_the_key_is_shown_by_nothing_that_prints_the_lot() -> None:
    assert repr(LOT) == "Lot()"


WRITTEN = {"c-3": "held-out", "c-5": "held-out", "c-1": "treated", "c-2": "treated"}
