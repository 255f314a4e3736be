"""The risk: it never falls while nothing happens, and falls and rises with what should move it."""

import json
from dataclasses import replace
from datetime import timedelta
from math import inf, nan
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.documents import PUBLISHED, RiskModelDocument, read_document
from churn_alert.risk.domain.calibration import Calibration, RiskModelInvalid, logistic, logit
from churn_alert.risk.domain.crossing import anchor_of
from churn_alert.risk.domain.features import NAMES, RISING, values_of
from churn_alert.risk.domain.horizon import Horizon
from churn_alert.risk.domain.indicators import FOUR, indicators_of
from churn_alert.risk.domain.normal import normal_of
from rapport.events.base import Event
from rapport.events.churn_alert import Likelihood, Reason
from tests.churn_alert.lives import DAY, HOUR, RULES, START, complained, drawn, lived, paid, salary, steady, used, when

MODEL = RULES.model


def risk_after(events: list[Event], days: float) -> float:
    """The probability so many days after the last event."""
    risk, _ = lived(sorted(events, key=when))
    anchor = anchor_of(risk, RULES)
    assert anchor is not None
    return MODEL.probability(anchor, days)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 100_000), share=st.floats(0.05, 1.0))
def test_the_risk_never_falls_while_nothing_happens(seed: int, share: float) -> None:
    events = drawn(Random(seed), "c-1")
    risk, _ = lived(events[: max(1, int(len(events) * share))])
    anchor = anchor_of(risk, RULES)
    assert anchor is not None
    moments = [0.0, 0.01, 0.5, 1, 2, 3, 5, 7, 10, 14, 20, 30, 45, 60, 90, 120, 180, 250, 400, 1000, 4000]
    odds = [MODEL.log_odds(anchor, days) for days in moments]
    assert all(later >= sooner - 1e-9 for sooner, later in zip(odds, odds[1:], strict=False))


def test_a_silent_customer_is_at_risk_and_an_active_one_is_not() -> None:
    events = steady("c-1", 200)
    assert risk_after(events, 0) < 0.05
    assert risk_after(events, 45) > 0.9


def test_a_pause_that_is_normal_for_one_customer_is_a_warning_for_another() -> None:
    busy, seldom = steady("c-1", 300), steady("c-1", 300, every=12 * DAY)
    assert risk_after(busy, 12) > 4 * risk_after(seldom, 12)


def test_income_that_stays_away_raises_the_risk() -> None:
    paid_still = steady("c-1", 210)
    unpaid = [
        event for event in paid_still if when(event) < START + 150 * DAY or isinstance(event, type(used("c", START)))
    ]
    unpaid += [event for event in paid_still if when(event) >= START + 150 * DAY and event.kind != "salary"]  # type: ignore[attr-defined]
    assert risk_after(unpaid, 0) > 3 * risk_after(paid_still, 0)


def test_money_that_leaves_and_a_complaint_each_raise_the_risk() -> None:
    events = steady("c-1", 200)
    end = START + 200 * DAY
    left = paid("c-1", end, "15000.00", kind="transfer-out", counterparty_class="other-bank")
    calm = risk_after([*events, used("c-1", end)], 0)
    assert risk_after([*events, left], 0) > 3 * calm
    assert risk_after([*events, used("c-1", end), complained("c-1", end)], 0) > 2 * calm


def test_a_burst_of_activity_is_no_credit_for_later() -> None:
    events = steady("c-1", 200)
    burst = [paid("c-1", START + 199 * DAY + number * HOUR / 4) for number in range(200)]
    assert risk_after([*events, *burst], 60) > 0.5


def test_every_measure_of_a_steady_customer_is_normal() -> None:
    events = steady("c-1", 300)
    risk, _ = lived(events)
    anchor = anchor_of(risk, RULES)
    assert anchor is not None
    found = indicators_of(risk, anchor, MODEL, normal_of(risk, RULES.ranges), when(events[-1]))
    assert [one.name for one in found if one.is_low or one.is_high] == []
    assert {one.name for one in found} == {
        *FOUR,
        "turnover",
        "balance",
        "activity-week",
        "activity-month",
        "transactions-month",
        "inflow-month",
        "outflow-month",
        "negative-feedback",
        "days-without-activity",
        "chance-of-silence",
    }


def test_the_normal_range_is_wide_for_whoever_acts_seldom() -> None:
    def width(every: timedelta) -> float:
        risk, _ = lived(steady("c-1", 300, every=every))
        anchor = anchor_of(risk, RULES)
        assert anchor is not None
        (month,) = (
            one for one in indicators_of(risk, anchor, MODEL, None, START + 300 * DAY) if one.name == "activity-month"
        )
        assert month.normal_high is not None
        return month.normal_high

    assert width(10 * DAY) > width(DAY) > width(DAY / 6) > 1.0


@given(st.floats(1e-6, 1 - 1e-6))
def test_logistic_undoes_logit(probability: float) -> None:
    assert logistic(logit(probability)) == pytest.approx(probability)


def test_the_extremes_stay_numbers() -> None:
    assert logistic(-1e6) == 0.0
    assert logistic(1e6) == 1.0
    assert logit(1.0) > 20


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


def changed(path: str, value: Any) -> dict[str, Any]:
    """The published document with one field replaced; a value of DROP takes it out."""
    document = json.loads(PUBLISHED.read_bytes())
    place, *parts = document, *path.split(".")
    for part in parts[:-1]:
        place = place[int(part)] if part.isdigit() else place[part]
    if value is DROP:
        del place[parts[-1]]
    else:
        place[parts[-1]] = value
    return dict(document)


DROP: Any = object()


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("features", [*NAMES[:-1], "mood"], r"features\.11: no feature mood"),
        ("features", list(NAMES[:-1]), "features: .*missing: negatives"),
        ("horizons.0.weights.mood", 1.0, r"horizons\.30\.weights\.mood: no feature"),
        ("horizons.1.weights.month", DROP, r"horizons\.90\.weights\.month: is missing"),
        ("horizons.0.typical.saved", DROP, r"horizons\.30\.typical\.saved: is missing"),
        ("horizons.0.weights.month", nan, r"horizons\.0\.weights\.month: .*finite"),
        ("horizons.0.weights.month", inf, r"horizons\.0\.weights\.month: .*finite"),
        ("horizons.1.intercept", -inf, r"horizons\.1\.intercept: .*finite"),
        ("horizons.0.weights.week", -0.1, r"horizons\.30\.weights\.week: below zero"),
        ("horizons.1.weights.pause", -0.1, r"horizons\.90\.weights\.pause: below zero"),
        ("horizons.0.weights.silence", 0.0, r"horizons\.30\.weights\.silence: with neither"),
        ("horizons.0.calibration.points", [[-1, -1], [1, -2]], r"horizons\.30\.calibration\.points\.1: both"),
        ("horizons.0.calibration.points", [[0, 0], [0, 1]], r"horizons\.30\.calibration\.points\.1: both"),
        ("horizons.0.calibration.points", [[0, 0], [1, nan]], r"horizons\.0\.calibration\.points.*finite"),
        ("horizons.0.calibration.points", [[0, 0]], r"horizons\.0\.calibration\.points"),
        ("thresholds.lower", 0.999, "thresholds: 0 < lower < upper < 1"),
        ("thresholds.upper", nan, r"thresholds\.upper: .*finite"),
        ("thresholds.dwell_days", 0, r"thresholds\.dwell_days"),
        ("thresholds.horizon_days", 60, r"thresholds\.horizon_days: one of the horizons"),
        ("lifetime.alpha", inf, r"lifetime\.alpha: .*finite"),
        ("dwel_days", 7, "dwel_days"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_by_the_name_of_the_field(
    tmp_path: Path, path: str, value: Any, named: str
) -> None:
    broken = tmp_path / "model.json"
    broken.write_text(json.dumps(changed(path, value)))
    with pytest.raises(RiskModelInvalid, match=named):
        read_document(broken)


def test_thresholds_between_which_customers_would_flap_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "model.json"
    near = logistic(logit(MODEL.upper) - 0.5)
    broken.write_text(json.dumps(changed("thresholds.lower", near)))
    with pytest.raises(RiskModelInvalid, match=r"thresholds\.lower: customers would flap"):
        read_document(broken)


def test_a_document_of_the_release_before_is_refused_and_so_is_none(tmp_path: Path) -> None:
    with pytest.raises(RiskModelInvalid, match=r"own-rate-1\.json: effective_from"):
        read_document(PUBLISHED.with_name("own-rate-1.json"))
    with pytest.raises(RiskModelInvalid, match="cannot be read"):
        read_document(tmp_path / "none.json")


def test_a_risk_that_is_not_a_number_can_be_told_to_nobody() -> None:
    for wrong in (nan, inf, -inf):
        with pytest.raises(ValueError, match="probability"):
            Likelihood(days=30, probability=wrong)
        with pytest.raises(ValueError, match="contribution"):
            Reason(name="month", value=1.0, typical=0.0, contribution=wrong)


def test_the_published_document_is_whole() -> None:
    document = read_document()
    assert isinstance(document, RiskModelDocument)
    assert tuple(document.features) == NAMES
    assert document.card["figures"]


def test_income_of_many_payments_has_a_narrower_range_than_of_few() -> None:
    def reach(every: float) -> float:
        payments = [salary("c-1", START + timedelta(days=every * number)) for number in range(int(300 / every))]
        risk, _ = lived(payments)
        anchor = anchor_of(risk, RULES)
        assert anchor is not None
        assert anchor.inflow is not None
        return anchor.inflow.spread

    assert reach(30) > reach(7) > reach(1)
