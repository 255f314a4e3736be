"""What can become of an alert. Each step is a function; what may not follow is refused.

An alert nobody has taken up closes by itself when the risk falls. One that somebody has acknowledged stays with that
person, who is told that the risk fell: only they know what they did about it. Where the crossing that opened it was
not true, there was nothing to warn of, whoever is at it. No step of a person is dated before what it follows; what
crossings bring is dated as they are, which a late posting may date back.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from churn_alert.alert.domain.ageing import timed
from churn_alert.alert.domain.lifecycle import (
    Alert,
    AlertAlreadyAcknowledged,
    AlertAlreadyClosed,
    AlertEvent,
    Assign,
    Change,
    Known,
    Outcome,
    OutcomeNotInAlert,
    SnoozedTooOften,
    SnoozeNotAhead,
    SnoozeTooLong,
    Step,
)
from churn_alert.alert.domain.policy import Policy
from churn_alert.risk.domain.crossing import ToldCrossing


def opened_on(told: ToldCrossing, alert_id: UUID, known: Known, policy: Policy, assign: Assign) -> Change:
    """The alert of a crossing upwards, on a customer of whom this is known; `assign` is asked last, of all of it."""
    crossing = told.crossing
    severities = policy.at(crossing.at).severities
    urgency = severities.urgency(crossing.probability, crossing.indicators, known.tier, known.stage)
    alert = Alert(
        alert_id=alert_id,
        customer_id=crossing.customer_id,
        status="opened",
        severity=severities.of(urgency),
        cause=crossing.cause,
        probability=crossing.probability,
        threshold=crossing.threshold,
        indicators=crossing.indicators,
        model_version=crossing.model.version,
        horizon_days=crossing.model.horizon_days,
        crossing_id=told.crossing_id,
        opened_at=crossing.at,
        owner=known.owner,
        tier=known.tier,
        stage=known.stage,
        segment=known.segment,
        urgency=urgency,
        waiting_since=crossing.at,
    )
    if (assigned := assign(alert, known.refused)) is not None:
        alert = replace(alert, **assigned._asdict())
    return _noted(timed(alert, policy), "opened", crossing.at)


def acknowledge(alert: Alert, at: datetime, by: str, policy: Policy) -> Change:
    """Somebody takes it up, which ends a snooze. Raises AlertAlreadyAcknowledged, AlertAlreadyClosed."""
    match alert.status:
        case "closed":
            raise AlertAlreadyClosed
        case "acknowledged":
            raise AlertAlreadyAcknowledged
    at = max(at, _last(alert))
    taken = replace(
        alert,
        status="acknowledged",
        acknowledged_at=at,
        acknowledged_by=by,
        snoozed_until=None,
        waiting_since=at,
        escalation=0,
    )
    return _stepped(timed(taken, policy), "acknowledged", at, by)


def snooze(alert: Alert, until: datetime, at: datetime, by: str, policy: Policy) -> Change:
    """It is let rest until a time at which it comes back by itself. Raises AlertAlreadyClosed, SnoozeNotAhead,
    SnoozeTooLong, SnoozedTooOften."""
    if alert.status == "closed":
        raise AlertAlreadyClosed
    at = max(at, _last(alert))
    if until <= at:
        raise SnoozeNotAhead("`until` must be later than it is now")
    now = policy.at(at)
    if until - at > now.longest_snooze:
        raise SnoozeTooLong(f"`until` may be {now.longest_snooze.days} days ahead at most")
    if alert.snoozes >= now.most_snoozes:
        raise SnoozedTooOften(f"it rested {now.most_snoozes} times (`most_snoozes` of the alert policy): close it")
    return _stepped(timed(replace(alert, snoozed_until=until, snoozes=alert.snoozes + 1), policy), "snoozed", at, by)


def reassign(alert: Alert, owner: str | None, at: datetime, by: str | None) -> Change:
    """It is somebody else's; `by` is None where it follows the customer. Raises AlertAlreadyClosed."""
    if alert.status == "closed":
        raise AlertAlreadyClosed
    return _stepped(replace(alert, owner=owner), "reassigned", max(at, _last(alert)), by)


def close(
    alert: Alert, at: datetime, outcome: Outcome, by: str | None, *, outcome_at: datetime | None = None
) -> Change:
    """It is over, acknowledged before or not. Raises AlertAlreadyClosed, OutcomeNotInAlert."""
    if alert.status == "closed":
        raise AlertAlreadyClosed
    at = max(at, _last(alert))
    if outcome_at is not None and not alert.opened_at <= outcome_at <= at:
        raise OutcomeNotInAlert("`outcome_at` must not be before the alert was opened, nor later than it is now")
    closed = replace(
        alert,
        status="closed",
        closed_at=at,
        closed_by=by,
        outcome=outcome,
        outcome_at=outcome_at,
        snoozed_until=None,
        answer_by=None,
        due_at=None,
    )
    return _stepped(closed, "closed", at, by)


def risk_fell(alert: Alert, told: ToldCrossing) -> Change:
    """The risk is back under the lower threshold, or was never over the upper one."""
    at = told.crossing.at
    if told.crossing.clears == alert.crossing_id:
        return close(alert, at, "cleared", None)
    return close(alert, at, "recovered", None) if alert.status == "opened" else _stepped(alert, "risk-fell", at)


def risk_rose(alert: Alert, at: datetime) -> Change:
    """The risk rose again while somebody is still at it: no second alert, a line in the history of this one."""
    return _stepped(alert, "risk-rose", at)


def live(alert: Alert, policy: Policy, until: datetime) -> list[Change]:
    """What silence brought up to `until`, each as of its own moment: it came back from a snooze, or was escalated."""
    changes: list[Change] = []
    while alert.due_at is not None and alert.due_at <= until:
        at, is_resting = alert.due_at, alert.snoozed_until is not None
        if is_resting:
            alert = replace(alert, snoozed_until=None, waiting_since=at)
        else:
            alert = replace(alert, escalation=alert.escalation + 1)
        changes.append(_stepped(timed(alert, policy), "woken" if is_resting else "escalated", at))
        alert = changes[-1][0]
    return changes


def _last(alert: Alert) -> datetime:
    """The moment of the last step that has one of its own on the alert. Since when one that is dated back could be seen
    is no step: what is lived through later may lie before it."""
    woken_at = alert.waiting_since if alert.snoozes else None
    return max(at for at in (alert.opened_at, alert.acknowledged_at, woken_at) if at is not None)


def _stepped(alert: Alert, step: Step, at: datetime, by: str | None = None) -> Change:
    return _noted(replace(alert, revision=alert.revision + 1), step, at, by)


def _noted(alert: Alert, step: Step, at: datetime, by: str | None = None) -> Change:
    event = AlertEvent(
        alert.alert_id,
        alert.revision,
        step,
        at,
        by,
        alert.outcome,
        alert.owner,
        alert.escalation,
        alert.snoozed_until,
    )
    return alert, event
