"""An effect is believed if chance drew the arms, enough were watched and the interval leaves zero; never otherwise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from churn_alert.proof.documents import read_departure
from churn_alert.proof.domain.uplift import (
    Arm,
    Design,
    chance_of_split,
    customers_needed,
    uplift,
)
from rapport.behaviour.rates import difference, wilson

DESIGN = read_departure().design()


def design(without: float, given: float) -> Design:
    return Design(without, given, alpha=0.05, power=0.8, uneven_below=0.001)


@pytest.mark.parametrize(
    ("without", "given", "held_out_share", "needed"),
    [
        (0.20, 0.16, 0.2, 4749),
        (0.20, 0.16, 0.1, 8582),
        (0.20, 0.16, 0.5, 2889),
        (0.40, 0.32, 0.2, 1806),
        (0.10, 0.08, 0.2, 10636),
    ],
)
def test_so_many_customers_are_needed(without: float, given: float, held_out_share: float, needed: int) -> None:
    assert customers_needed(design(without, given), held_out_share) == needed


def test_the_interval_of_a_difference_is_the_published_one() -> None:
    """Newcombe (1998), table II, method 10: 56 of 70 against 48 of 80."""
    assert difference(wilson(56, 70), wilson(48, 80)) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_an_interval_of_a_difference_lies_around_it_and_within_what_is_possible(
    n: int, m: int, data: st.DataObject
) -> None:
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    found = difference(wilson(a, n), wilson(b, m))
    assert -1.0 - 1e-12 <= found.low <= found.value <= found.high <= 1.0 + 1e-12
    mirrored = difference(wilson(b, m), wilson(a, n))
    assert mirrored == pytest.approx((-found.value, -found.high, -found.low), abs=1e-12)


def test_the_planned_number_finds_the_planned_effect_four_times_in_five() -> None:
    random, trials = np.random.default_rng(45), 20_000
    drawn = customers_needed(DESIGN, 0.2)
    without = drawn // 5
    gone_without = random.binomial(without, DESIGN.leaving_without, trials)
    gone_with = random.binomial(drawn - without, DESIGN.leaving_with, trials)
    effects = [
        difference(wilson(drawn - without - given, drawn - without), wilson(without - left, without))
        for given, left in zip(gone_with.tolist(), gone_without.tolist(), strict=True)
    ]
    found = sum(one.low > 0 for one in effects) / trials
    assert 0.80 <= found < 0.85
    a, b = gone_without / without, gone_with / (drawn - without)
    by_normal = (a - b) / np.sqrt(a * (1 - a) / without + b * (1 - b) / (drawn - without)) > 1.96
    assert by_normal.mean() == pytest.approx(0.81, abs=0.015), "the test that the formula plans for"
    assert np.mean([one.value for one in effects]) == pytest.approx(0.04, abs=0.001)


def test_no_effect_is_called_one_in_no_more_than_one_of_forty_each_way() -> None:
    random, trials = np.random.default_rng(46), 20_000
    held = random.binomial(1000, 0.8, trials).tolist()
    treated = random.binomial(4000, 0.8, trials).tolist()
    found = [difference(wilson(a, 4000), wilson(b, 1000)) for a, b in zip(treated, held, strict=True)]
    assert sum(one.low > 0 for one in found) / trials < 0.03
    assert sum(one.high < 0 for one in found) / trials < 0.03


def test_comparing_who_was_contacted_with_who_was_not_has_the_wrong_sign_where_staff_choose_the_riskiest() -> None:
    random = np.random.default_rng(47)
    risk = random.beta(1, 4, 200_000)
    is_held_out = random.random(risk.size) < 0.2
    is_contacted = ~is_held_out & (risk > np.quantile(risk, 0.6))  # staff take the riskiest two in five
    left = random.random(risk.size) < np.where(is_contacted, 0.8 * risk, risk)
    as_treated = _stayed(~left[is_contacted]) - _stayed(~left[~is_contacted])
    treated = Arm(int((~is_held_out).sum()), int((~is_held_out).sum()), int((~left[~is_held_out]).sum()))
    held_out = Arm(int(is_held_out.sum()), int(is_held_out.sum()), int((~left[is_held_out]).sum()))
    found = uplift(treated, held_out, DESIGN, held_out_share=0.2)
    assert as_treated < -0.1, "contact looks like a cause of leaving"
    assert found.effect is not None
    assert found.effect.low > 0
    assert found.conclusion == "keeps"


def _stayed(there: np.ndarray) -> float:
    return float(there.mean())


@pytest.mark.parametrize(
    ("treated", "held_out", "conclusion"),
    [
        (Arm(4000, 4000, 3400), Arm(1000, 1000, 800), "keeps"),
        (Arm(4000, 4000, 3000), Arm(1000, 1000, 800), "drives away"),
        (Arm(4000, 4000, 3240), Arm(1000, 1000, 800), "not shown"),
        (Arm(400, 400, 390), Arm(100, 100, 60), "too early"),
        (Arm(4400, 4400, 3800), Arm(600, 600, 400), "uneven arms"),
        (Arm(4000, 4000, 3400), Arm(0, 0, 0), "nobody held out"),
        (Arm(4000, 0, 0), Arm(1000, 0, 0), "too early"),
    ],
)
def test_nothing_is_concluded_but_what_may_be(treated: Arm, held_out: Arm, conclusion: str) -> None:
    assert uplift(treated, held_out, DESIGN, held_out_share=0.2).conclusion == conclusion


def months_of(is_held_out: np.ndarray, is_judged: np.ndarray, stayed: np.ndarray) -> list[tuple[Arm, Arm]]:
    """Six of them, in the order in which they were drawn."""
    months = zip(*(np.array_split(one, 6) for one in (is_held_out, is_judged, stayed)), strict=True)
    return [(_arm(~held, judged, there), _arm(held, judged, there)) for held, judged, there in months]


def _arm(drawn: np.ndarray, is_judged: np.ndarray, stayed: np.ndarray) -> Arm:
    return Arm(int(drawn.sum()), int((drawn & is_judged).sum()), int((drawn & is_judged & stayed).sum()))


def summed(months: list[tuple[Arm, Arm]]) -> tuple[Arm, Arm]:
    with_it, without = (Arm(*np.sum([month[place] for month in months], axis=0).tolist()) for place in (0, 1))
    return with_it, without


def test_calls_that_only_drive_leavers_to_refuse_care_are_not_said_to_keep_anybody() -> None:
    """Who refuses is judged no more: of the treated most of who would leave are missing, and the rest looks loyal."""
    random, drawn = np.random.default_rng(46), 12_000
    is_held_out, stays = random.random(drawn) < 0.2, random.random(drawn) > DESIGN.leaving_without
    refuses = ~is_held_out & ~stays & (random.random(drawn) < 0.3)
    months = months_of(is_held_out, ~refuses, stays)
    found = uplift(*summed(months), DESIGN, held_out_share=0.2, months=months)
    assert found.effect is not None
    assert found.effect.low > 0, "it looks as if it helped"
    assert found.conclusion == "uneven arms"


@pytest.mark.parametrize("helps", [0.06, -0.06])
def test_who_refuses_in_both_arms_alike_or_waits_to_be_judged_hides_no_effect(helps: float) -> None:
    """The share that is held out changed on the way, and of the latest months fewer are judged: of both arms alike."""
    random, drawn = np.random.default_rng(47), 24_000
    place = np.arange(drawn) / drawn
    is_held_out = random.random(drawn) < np.where(place < 0.5, 0.1, 0.3)
    stays = random.random(drawn) > DESIGN.leaving_without - np.where(is_held_out, 0.0, helps)
    is_judged = random.random(drawn) < np.where(place < 0.5, 0.97, 0.6)
    months = months_of(is_held_out, is_judged, stays)
    found = uplift(*summed(months), DESIGN, held_out_share=0.2, months=months)
    assert found.conclusion == ("keeps" if helps > 0 else "drives away")


@given(st.integers(1, 5000), st.integers(0, 5000), st.sampled_from([0.1, 0.2, 0.5]))
def test_how_rare_a_split_is_by_chance_is_what_chi_square_says(treated: int, held_out: int, share: float) -> None:
    drawn = treated + held_out
    theirs = chisquare([treated, held_out], [drawn * (1 - share), drawn * share]).pvalue
    assert chance_of_split(treated, held_out, share) == pytest.approx(theirs, abs=1e-9)


def test_how_many_are_still_needed_falls_with_who_is_judged() -> None:
    found = uplift(Arm(1000, 700, 600), Arm(250, 200, 150), DESIGN, held_out_share=0.2)
    assert (found.needed, found.still_needed) == (4749, 3849)
