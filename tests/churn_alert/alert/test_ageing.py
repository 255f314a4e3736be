"""What silence does to an alert: overdue, further up, back from its rest, each as of its own moment."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.alert.domain.ageing import escalated_to, timed
from churn_alert.alert.domain.lifecycle import Alert
from churn_alert.alert.domain.steps import acknowledge, live, snooze
from tests.churn_alert.alert.raising import DOCUMENT, POLICY, four, raised
from tests.churn_alert.lives import DAY, HOUR, START

FAR = START + 400 * DAY


@pytest.fixture
def high() -> Alert:
    alert = raised(*four(transactions=6.0, account_activity=6.0, product_use=6.0), urgency=2.0)
    return timed(replace(alert, severity="high"), POLICY)


def steps(alert: Alert, until: datetime) -> list[tuple[str, datetime, int]]:
    return [(event.step, event.at, event.escalation) for _, event in live(alert, POLICY, until)]


def test_nobody_takes_it_up_so_it_goes_to_the_lead_and_then_further(high: Alert) -> None:
    assert high.answer_by == START + 8 * HOUR
    assert steps(high, START + 23 * HOUR) == []
    assert steps(high, FAR) == [("escalated", START + 24 * HOUR, 1), ("escalated", START + 72 * HOUR, 2)]
    (once, _), (twice, _) = live(high, POLICY, FAR)
    assert tuple(escalated_to(one, POLICY) for one in (high, once, twice)) == (
        None,
        "team_lead",
        "risk_manager",
    )
    assert twice.due_at is None


def test_who_takes_it_up_has_until_another_time_to_close_it(high: Alert) -> None:
    escalated, _ = live(high, POLICY, START + 25 * HOUR)[-1]
    taken, _ = acknowledge(escalated, START + 30 * HOUR, "e-1", POLICY)
    assert (taken.escalation, escalated_to(taken, POLICY)) == (0, None)
    assert taken.answer_by == START + 30 * HOUR + timedelta(hours=168)
    assert steps(taken, FAR) == [("escalated", START + 30 * HOUR + timedelta(hours=336), 1)]


def test_while_it_rests_it_is_not_overdue_and_then_its_clock_begins_anew(high: Alert) -> None:
    until = START + 5 * DAY
    resting, _ = snooze(high, until, START + HOUR, "e-1", POLICY)
    assert (resting.answer_by, resting.due_at) == (None, until)
    assert steps(resting, FAR) == [
        ("woken", until, 0),
        ("escalated", until + 24 * HOUR, 1),
        ("escalated", until + 72 * HOUR, 2),
    ]
    woken, _ = live(resting, POLICY, until)[-1]
    assert (woken.snoozed_until, woken.answer_by, woken.revision) == (None, until + 8 * HOUR, 3)


def test_it_is_not_taken_further_up_again_where_it_was_before_it_rested(high: Alert) -> None:
    escalated, _ = live(high, POLICY, START + 25 * HOUR)[-1]
    resting, _ = snooze(escalated, START + 5 * DAY, START + 26 * HOUR, "e-1", POLICY)
    assert steps(resting, FAR) == [("woken", START + 5 * DAY, 1), ("escalated", START + 8 * DAY, 2)]


def test_of_a_held_out_alert_nobody_is_asked_for_anything(high: Alert) -> None:
    held_out = timed(replace(high, arm="held-out"), POLICY)
    assert (held_out.due_at, held_out.answer_by) == (None, None)
    assert steps(held_out, FAR) == []


@given(st.lists(st.integers(0, 400 * 24), max_size=8), st.sampled_from(["low", "medium", "high"]), st.integers(1, 30))
def test_how_often_somebody_looks_changes_nothing(hours: list[int], severity: str, days: int) -> None:
    alert = timed(replace(raised(*four()), severity=severity), POLICY)
    alert, _ = snooze(alert, START + days * DAY, START, "e-1", POLICY)
    at_once = live(alert, POLICY, FAR)
    looked = []
    for hour in sorted(hours):
        looked += live(looked[-1][0] if looked else alert, POLICY, START + timedelta(hours=hour))
    looked += live(looked[-1][0] if looked else alert, POLICY, FAR)
    assert looked == at_once


@given(st.sampled_from(["low", "medium", "high"]), st.sampled_from(["opened", "acknowledged"]), st.integers(0, 1000))
def test_the_moments_are_those_that_the_document_adds_up_to(severity: str, status: str, hour: int) -> None:
    """Recounted from the document alone, hour by hour."""
    said = DOCUMENT.model_dump()["ageing"][severity][status]
    since = START + HOUR
    alert = replace(raised(*four()), severity=severity, status=status, waiting_since=since)
    alert = timed(alert, POLICY)
    assert alert.answer_by == since + timedelta(hours=said["within_hours"])
    gone = [one for one in said["escalations"] if one["after_hours"] <= hour]
    made = live(alert, POLICY, since + timedelta(hours=hour))
    assert [event.at for _, event in made] == [since + timedelta(hours=one["after_hours"]) for one in gone]
    if made:
        assert escalated_to(made[-1][0], POLICY) == gone[-1]["to"]
