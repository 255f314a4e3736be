"""The risk: it never falls while nothing happens, and falls and rises with what should move it."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.domain.calibration import logistic, logit
from churn_alert.risk.domain.crossing import anchor_of
from churn_alert.risk.domain.indicators import FOUR, indicators_of
from churn_alert.risk.domain.normal import normal_of
from rapport.events.base import Event
from tests.churn_alert.lives import (
    DAY,
    HOUR,
    RULES,
    START,
    complained,
    drawn,
    lived,
    paid,
    salary,
    steady,
    taken_back,
    used,
    when,
)

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


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 100_000), share=st.floats(0.05, 1.0))
def test_nor_does_it_where_the_bank_takes_back_what_was_never_told(seed: int, share: float) -> None:
    """As of a bank that connects in the middle of its history, or a posting that comes later than its reversal."""
    random = Random(seed)
    events = drawn(random, "c-1")
    events = events[: max(1, int(len(events) * share))]
    end = when(events[-1])
    untold = [
        make("c-1", end - random.uniform(0, 20) * DAY, f"{random.randint(1, 30000)}.00")
        for make in (paid, salary)
        for _ in range(random.randint(0, 3))
    ]
    risk, _ = lived(sorted([*events, *(taken_back(one, end) for one in untold)], key=when))
    anchor = anchor_of(risk, RULES)
    assert anchor is not None
    odds = [MODEL.log_odds(anchor, days) for days in (0.0, 0.5, 1, 2, 3, 5, 7, 10, 14, 20, 30, 45, 60, 90, 180, 400)]
    assert all(later >= sooner - 1e-9 for sooner, later in zip(odds, odds[1:], strict=False))
    found = indicators_of(risk, anchor, MODEL, normal_of(risk, RULES.ranges), end)
    assert [one.name for one in found if one.value < 0.0 and one.name not in ("outflow-month", "balance")] == []


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


def test_income_of_many_payments_has_a_narrower_range_than_of_few() -> None:
    def reach(every: float) -> float:
        payments = [salary("c-1", START + timedelta(days=every * number)) for number in range(int(300 / every))]
        risk, _ = lived(payments)
        anchor = anchor_of(risk, RULES)
        assert anchor is not None
        assert anchor.inflow is not None
        return anchor.inflow.spread

    assert reach(30) > reach(7) > reach(1)
