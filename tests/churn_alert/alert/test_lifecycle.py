"""Alerts step by step: what may follow what, and why one was opened, in words."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from churn_alert.alert.domain.lifecycle import (
    Alert,
    AlertAlreadyAcknowledged,
    AlertAlreadyClosed,
    Change,
    Known,
    acknowledge,
    close,
    opened_on,
    risk_fell,
    risk_rose,
    severity_of,
)
from churn_alert.alert.domain.words import explain
from churn_alert.risk.domain.crossing import Crossing, ToldCrossing
from churn_alert.risk.domain.indicators import Indicator
from tests.churn_alert.lives import DAY, RULES, START

ALERT_ID = UUID("0199c7f1-90b8-8d5a-9f02-6b6a3c1d20ab")
CROSSING_ID = UUID("0199c7f1-90b8-8d5a-9f02-6b6a3c1d20aa")
LOW_WEEK = Indicator("activity-week", 0.2, 0.5, 1.5)
LOW_MONTH = Indicator("activity-month", 0.4, 0.7, 1.3)
BUSY = Indicator("transactions-month", 2.0, 0.5, 1.5)
OUT = Indicator("outflow-month", 2.5, None, 0.6)
QUIET = Indicator("days-without-activity", 12.0, None, 4.2)
COMPLAINT = Indicator("negative-feedback", 0.9, None, 0.5)
CHANCE = Indicator("chance-of-silence", 0.7, None, None)


def told(*indicators: Indicator) -> ToldCrossing:
    crossing = Crossing("c-1", "up", "silence", 0.751, 0.75, indicators, RULES.model, START)
    return ToldCrossing(CROSSING_ID, crossing, "timer")


@pytest.fixture
def opened() -> Alert:
    return opened_on(told(LOW_WEEK, LOW_MONTH), ALERT_ID, Known())[0]


def test_an_alert_is_acknowledged_once_and_closed_once(opened: Alert) -> None:
    taken, step = acknowledge(opened, START + DAY, "e-1")
    assert (taken.status, taken.acknowledged_by, taken.revision) == ("acknowledged", "e-1", 2)
    assert (step.step, step.number, step.by) == ("acknowledged", 2, "e-1")
    with pytest.raises(AlertAlreadyAcknowledged):
        acknowledge(taken, START + DAY, "e-2")
    closed, step = close(taken, START + 2 * DAY, "retained", "e-2")
    assert (closed.status, closed.outcome, closed.closed_by, closed.closed_at) == (
        "closed",
        "retained",
        "e-2",
        START + 2 * DAY,
    )
    assert (step.step, step.outcome) == ("closed", "retained")


@pytest.mark.parametrize("deed", [lambda a: acknowledge(a, START, "e-1"), lambda a: close(a, START, "lost", "e-1")])
def test_nothing_is_done_to_a_closed_alert(opened: Alert, deed: Callable[[Alert], Change]) -> None:
    closed, _ = close(opened, START + DAY, "false-alarm", "e-1")
    with pytest.raises(AlertAlreadyClosed):
        deed(closed)


def test_an_alert_nobody_took_up_closes_by_itself_when_the_risk_falls(opened: Alert) -> None:
    closed, step = risk_fell(opened, START + DAY)
    assert (closed.status, closed.outcome, closed.closed_by, step.step) == ("closed", "recovered", None, "closed")


def test_an_acknowledged_alert_stays_with_its_owner_when_the_risk_falls_or_rises(opened: Alert) -> None:
    taken, _ = acknowledge(opened, START + DAY, "e-1")
    fallen, step = risk_fell(taken, START + 2 * DAY)
    assert (fallen.status, step.step, step.number) == ("acknowledged", "risk-fell", 3)
    risen, step = risk_rose(fallen, START + 40 * DAY)
    assert (risen.status, step.step, step.number) == ("acknowledged", "risk-rose", 4)


def test_no_step_is_dated_before_the_one_it_follows(opened: Alert) -> None:
    taken, _ = acknowledge(opened, START - DAY, "e-1")
    closed, _ = close(replace(taken, acknowledged_at=START + DAY), START, "lost", "e-1")
    assert (taken.acknowledged_at, closed.closed_at) == (START, START + DAY)


def test_severity_is_by_how_many_measures_are_out_of_range() -> None:
    assert severity_of([LOW_WEEK, BUSY, CHANCE]) == "low"
    assert severity_of([LOW_WEEK, LOW_MONTH]) == "medium"
    assert severity_of([LOW_WEEK, LOW_MONTH, OUT, QUIET]) == "high"


def test_the_explanation_names_what_is_out_of_range_and_what_would_be_normal() -> None:
    words = explain("silence", 0.751, 0.75, [LOW_WEEK, BUSY, OUT, QUIET, COMPLAINT, CHANCE])
    assert words == (
        "Risk of leaving 75% (threshold 75%), reached by silence alone. Out of the normal range: "
        "own activity over a week at 20% of usual (normal for this customer: 50% to 150%); "
        "2.5 months of usual income have left on balance (usual: at most 0.6); "
        "12 days without activity (normal for this customer: at most 4); a complaint or bad rating of late."
    )


def test_the_explanation_says_so_when_only_all_measures_together_are_unusual() -> None:
    assert "together they are" in explain("event", 0.8, 0.75, [BUSY, CHANCE])
