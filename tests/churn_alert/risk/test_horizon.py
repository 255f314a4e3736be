"""A horizon: no weights that a document may have let its probability fall in silence, and its reasons add up."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.domain.calibration import Calibration
from churn_alert.risk.domain.crossing import anchor_of
from churn_alert.risk.domain.features import NAMES, RISING, values_of
from churn_alert.risk.domain.horizon import Horizon
from tests.churn_alert.lives import DAY, RULES, START, drawn, lived, paid, steady

MODEL = RULES.model


def drawn_anchor(seed: int, share: float) -> Any:
    events = drawn(Random(seed), "c-1")
    risk, _ = lived(events[: max(1, int(len(events) * share))])
    anchor = anchor_of(risk, RULES)
    assert anchor is not None
    return anchor


def drawn_horizon(random: Random, days: int) -> Horizon:
    """Any weights that a document may have: those that rise with silence zero or more, the others of any sign."""
    weights = {name: random.choice([0.0, random.uniform(-3, 3)]) for name in NAMES}
    weights |= {feature.name: random.choice([0.0, random.uniform(0, 3)]) for feature in RISING}
    weights["silence"] = random.uniform(0.01, 2)
    typical = {name: random.uniform(-2, 2) for name in NAMES}
    points = [(-4.0, random.uniform(-6, -3)), (0.0, random.uniform(-2, 0)), (5.0, random.uniform(1, 8))]
    return Horizon(days, random.uniform(-6, 2), weights, typical, Calibration(tuple(points)))


MOMENTS = [0.0, 0.01, 0.5, 1, 2, 3, 5, 7, 10, 14, 20, 30, 45, 60, 90, 120, 180, 250, 400, 1000, 4000]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 100_000), share=st.floats(0.02, 1.0), days=st.sampled_from([30, 90, 180]))
def test_no_probability_falls_in_silence_whatever_weights_a_document_may_have(
    seed: int, share: float, days: int
) -> None:
    horizon = drawn_horizon(Random(seed), days)
    course = horizon.course(drawn_anchor(seed, share), MODEL.lifetime)
    said = [horizon.probability(course.log_odds(moment)) for moment in MOMENTS]
    assert all(later >= sooner - 1e-12 for sooner, later in zip(said, said[1:], strict=False))
    assert all(0.0 <= one <= 1.0 for one in said)


def test_a_weight_of_the_wrong_sign_would_make_the_risk_fall_so_the_property_can_fail() -> None:
    anchor, horizon = drawn_anchor(3, 0.5), drawn_horizon(Random(3), 30)
    broken = replace(horizon)
    object.__setattr__(broken, "_slopes", (*horizon._slopes[:4], -20.0, *horizon._slopes[5:]))
    said = [broken.course(anchor, MODEL.lifetime).log_odds(moment) for moment in (30.0, 250.0)]
    assert said[1] < said[0]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 100_000), share=st.floats(0.02, 1.0), silence=st.floats(0, 500))
def test_the_log_odds_are_the_sum_over_all_features_with_what_is_not_known_as_typical(
    seed: int, share: float, silence: float
) -> None:
    anchor, horizon = drawn_anchor(seed, share), drawn_horizon(Random(seed), 30)
    values = values_of(anchor, silence, 30, MODEL.lifetime)
    known = {name: horizon.typical[name] if value is None else value for name, value in values.items()}
    expected = horizon.intercept + sum(horizon.weights[name] * known[name] for name in NAMES)
    assert horizon.course(anchor, MODEL.lifetime).log_odds(silence) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 100_000), silence=st.floats(0, 100))
def test_the_reasons_are_the_customers_own_and_add_up_to_what_sets_them_apart(seed: int, silence: float) -> None:
    anchor, horizon = drawn_anchor(seed, 0.8), drawn_horizon(Random(seed), 30)
    reasons = horizon.reasons(anchor, silence, MODEL.lifetime)
    typical = horizon.intercept + sum(horizon.weights[name] * horizon.typical[name] for name in NAMES)
    apart = horizon.course(anchor, MODEL.lifetime).log_odds(silence) - typical
    assert sum(reason.contribution for reason in reasons) == pytest.approx(apart, abs=1e-9)
    assert [reason.contribution for reason in reasons] == sorted((r.contribution for r in reasons), reverse=True)


def test_silence_is_the_first_reason_of_who_falls_silent_and_money_of_who_takes_it_away() -> None:
    silent, _ = lived(steady("c-1", 200))
    moved, _ = lived([*steady("c-1", 200), paid("c-1", START + 200 * DAY, "15000.00", kind="transfer-out")])
    of_silent, of_moved = anchor_of(silent, RULES), anchor_of(moved, RULES)
    assert of_silent is not None
    assert of_moved is not None
    assert MODEL.reasons(of_silent, 45)[0].name in {"month", "week"}
    assert MODEL.reasons(of_moved, 0)[0].name == "outflow"


def test_both_horizons_are_said_and_the_thresholds_are_of_one_of_them() -> None:
    anchor = drawn_anchor(5, 0.7)
    said = MODEL.probabilities(anchor, 12.0)
    assert list(said) == [30, 90]
    assert said[MODEL.horizon_days] == pytest.approx(MODEL.probability(anchor, 12.0))


@given(st.floats(-30, 30), st.integers(0, 10_000))
def test_a_calibration_rises_and_its_inverse_undoes_it(log_odds: float, seed: int) -> None:
    calibration = drawn_horizon(Random(seed), 30).calibration
    assert calibration.before(calibration.after(log_odds)) == pytest.approx(log_odds, abs=1e-9)
    assert calibration.after(log_odds + 0.1) > calibration.after(log_odds)


def test_a_calibrated_threshold_is_crossed_where_the_calibrated_probability_reaches_it() -> None:
    assert MODEL.deciding.probability(MODEL.upper_log_odds) == pytest.approx(MODEL.upper)
    assert MODEL.deciding.probability(MODEL.lower_log_odds) == pytest.approx(MODEL.lower)
