"""Alerts step by step: what may follow what, what each is dated by, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from churn_alert.alert.domain.lifecycle import (
    Alert,
    AlertAlreadyAcknowledged,
    AlertAlreadyClosed,
    Assigned,
    Change,
    Known,
    OutcomeNotInAlert,
    SnoozedTooOften,
    SnoozeNotAhead,
    SnoozeTooLong,
)
from churn_alert.alert.domain.steps import (
    acknowledge,
    close,
    live,
    opened_on,
    reassign,
    risk_fell,
    risk_rose,
    snooze,
)
from tests.churn_alert.alert.raising import ALERT_ID, CROSSING_ID, POLICY, four, raised, told
from tests.churn_alert.lives import DAY, HOUR, START

DEEDS: list[Callable[[Alert], Change]] = [
    lambda alert: acknowledge(alert, START, "e-1", POLICY),
    lambda alert: snooze(alert, START + 9 * DAY, START, "e-1", POLICY),
    lambda alert: reassign(alert, "e-2", START, "e-1"),
    lambda alert: close(alert, START, "lost", "e-1"),
]


@pytest.fixture
def opened() -> Alert:
    return raised(*four(transactions=5.0))


def test_an_alert_is_acknowledged_once_and_closed_once(opened: Alert) -> None:
    taken, step = acknowledge(opened, START + HOUR, "e-1", POLICY)
    assert (taken.status, taken.acknowledged_by, taken.revision) == ("acknowledged", "e-1", 2)
    assert (step.step, step.number, step.by) == ("acknowledged", 2, "e-1")
    with pytest.raises(AlertAlreadyAcknowledged):
        acknowledge(taken, START + DAY, "e-2", POLICY)
    closed, step = close(taken, START + 2 * DAY, "retained", "e-2", outcome_at=START + DAY)
    assert (closed.status, closed.outcome, closed.closed_by, closed.closed_at, closed.outcome_at) == (
        "closed",
        "retained",
        "e-2",
        START + 2 * DAY,
        START + DAY,
    )
    assert (step.step, step.outcome, closed.due_at) == ("closed", "retained", None)


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_done_to_a_closed_alert(opened: Alert, deed: Callable[[Alert], Change]) -> None:
    closed, _ = close(opened, START + DAY, "false-alarm", "e-1")
    with pytest.raises(AlertAlreadyClosed):
        deed(closed)
    assert live(closed, POLICY, START + 999 * DAY) == []


def test_an_alert_nobody_took_up_closes_by_itself_when_the_risk_falls(opened: Alert) -> None:
    closed, step = risk_fell(opened, told(direction="down", at=START + DAY))
    assert (closed.status, closed.outcome, closed.closed_by, step.step) == ("closed", "recovered", None, "closed")


def test_an_alert_that_is_dated_back_closes_as_of_the_crossing_that_is_lived_through_after_it(opened: Alert) -> None:
    seen_later = replace(opened, waiting_since=START + 5 * DAY)
    closed, step = risk_fell(seen_later, told(direction="down", at=START + DAY))
    assert closed.closed_at == step.at == START + DAY


def test_a_snoozed_alert_closes_by_itself_too_and_rests_no_more(opened: Alert) -> None:
    resting, _ = snooze(opened, START + 9 * DAY, START, "e-1", POLICY)
    closed, _ = risk_fell(resting, told(direction="down", at=START + DAY))
    assert (closed.outcome, closed.snoozed_until, closed.due_at) == ("recovered", None, None)


def test_an_acknowledged_alert_stays_with_its_owner_when_the_risk_falls_or_rises(opened: Alert) -> None:
    taken, _ = acknowledge(opened, START + DAY, "e-1", POLICY)
    fallen, step = risk_fell(taken, told(direction="down", at=START + 2 * DAY))
    assert (fallen.status, step.step, step.number) == ("acknowledged", "risk-fell", 3)
    risen, step = risk_rose(fallen, START + 40 * DAY)
    assert (risen.status, step.step, step.number) == ("acknowledged", "risk-rose", 4)


@pytest.mark.parametrize("is_taken", [False, True])
def test_what_was_not_true_is_over_whoever_is_at_it(opened: Alert, *, is_taken: bool) -> None:
    alert = acknowledge(opened, START + DAY, "e-1", POLICY)[0] if is_taken else opened
    cleared, step = risk_fell(alert, told(direction="down", clears=CROSSING_ID, at=START + 2 * DAY))
    assert (cleared.status, cleared.outcome, step.step) == ("closed", "cleared", "closed")


def test_that_another_crossing_was_not_true_does_not_clear_an_alert(opened: Alert) -> None:
    fallen, _ = risk_fell(opened, told(direction="down", clears=uuid4(), at=START + 2 * DAY))
    assert fallen.outcome == "recovered"


def test_no_step_is_dated_before_the_one_it_follows(opened: Alert) -> None:
    taken, _ = acknowledge(opened, START - DAY, "e-1", POLICY)
    closed, _ = close(replace(taken, acknowledged_at=START + DAY), START, "lost", "e-1")
    assert (taken.acknowledged_at, closed.closed_at) == (START, START + DAY)


def test_a_snooze_lasts_until_a_time_that_is_ahead_and_not_too_far(opened: Alert) -> None:
    now = START + DAY
    for until in (now, now - HOUR, START - DAY):
        with pytest.raises(SnoozeNotAhead):
            snooze(opened, until, now, "e-1", POLICY)
    with pytest.raises(SnoozeTooLong, match="`until` may be 30 days ahead"):
        snooze(opened, now + POLICY.longest_snooze + HOUR, now, "e-1", POLICY)
    resting, step = snooze(opened, now + POLICY.longest_snooze, now, "e-1", POLICY)
    assert (resting.status, resting.snoozed_until, step.by) == ("opened", now + POLICY.longest_snooze, "e-1")


def test_an_alert_does_not_rest_without_end(opened: Alert) -> None:
    alert, now = opened, START
    for _ in range(POLICY.most_snoozes):
        alert, _ = snooze(alert, now + DAY, now, "e-1", POLICY)
        now += 2 * DAY
        (woken,) = live(alert, POLICY, now)
        alert = woken[0]
    with pytest.raises(SnoozedTooOften, match=r"rested 3 times .`most_snoozes` of the alert policy.: close it"):
        snooze(alert, now + DAY, now, "e-1", POLICY)
    taken, _ = acknowledge(alert, now, "e-1", POLICY)
    with pytest.raises(SnoozedTooOften):
        snooze(taken, now + DAY, now, "e-1", POLICY)


def test_another_snooze_replaces_the_first_and_taking_it_up_ends_it(opened: Alert) -> None:
    resting, _ = snooze(opened, START + 9 * DAY, START, "e-1", POLICY)
    longer, _ = snooze(resting, START + 12 * DAY, START + DAY, "e-1", POLICY)
    assert longer.due_at == START + 12 * DAY
    taken, _ = acknowledge(longer, START + 2 * DAY, "e-1", POLICY)
    assert taken.snoozed_until is None


@pytest.mark.parametrize("outcome_at", [START - HOUR, START + 2 * DAY])
def test_an_outcome_before_the_alert_or_still_to_come_is_refused(opened: Alert, outcome_at: object) -> None:
    with pytest.raises(OutcomeNotInAlert):
        close(opened, START + DAY, "lost", "e-1", outcome_at=outcome_at)  # type: ignore[arg-type]


def test_who_it_is_handed_to_is_in_its_history_with_who_did_so(opened: Alert) -> None:
    handed, step = reassign(opened, "e-2", START + DAY, "e-9")
    assert (handed.owner, step.owner, step.by, step.at) == ("e-2", "e-2", "e-9", START + DAY)


def test_what_is_to_be_done_is_asked_once_all_else_is_known_and_before_anybody_sees_it() -> None:
    asked: list[Alert] = []

    def assign(alert: Alert, refused: frozenset[str]) -> Assigned:
        asked.append(alert)
        assert refused == {"cross-selling"}
        return Assigned("care-call", 3, "held-out")

    refused = frozenset({"cross-selling"})
    alert, step = opened_on(told(*four()), ALERT_ID, Known("e-1", "high", "new", "savers", refused), POLICY, assign)
    (seen,) = asked
    assert (seen.owner, seen.tier, seen.stage, seen.severity) == ("e-1", "high", "new", alert.severity)
    assert (seen.segment, alert.segment) == ("savers", "savers")
    assert (alert.playbook, alert.playbook_version, alert.arm) == ("care-call", 3, "held-out")
    assert (alert.is_held_out, step.owner) == (True, "e-1")
