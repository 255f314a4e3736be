"""Alerts begin interventions and end them, in the transaction in which they change."""

from collections.abc import Sequence
from uuid import UUID

from churn_alert.alert.domain.lifecycle import Alert, AlertEvent, Assigned
from churn_alert.alert.domain.lifecycle import Change as AlertChange
from churn_alert.intervention.domain.course import Change, Intervention
from churn_alert.intervention.domain.doing import assign, cancel
from churn_alert.intervention.handlers.keeping import begun, keep, lived
from churn_alert.intervention.handlers.leaving_alone import Objections
from churn_alert.intervention.store import courses
from churn_alert.playbook.domain.choosing import Choice, choose
from churn_alert.playbook.domain.playbooks import INDICATORS, Shelf, Situation
from rapport.messaging.transaction import Transaction


def assign_playbook(alert: Alert, *, shelf: Shelf) -> Assigned | None:
    """The playbook of an alert that is about to be opened, and the arm that is drawn before anybody sees it."""
    choice = _choice(alert, shelf)
    if choice is None:
        return None
    return Assigned(choice.playbook.code, choice.version, choice.arm, choice.experiment)


async def follow_alerts(tx: Transaction, changes: Sequence[AlertChange], *, shelf: Shelf) -> None:
    """Begin what an alert that was opened asks for; give it to whom the alert is given to; end it with the alert."""
    known = {one.alert_id: one for one in await courses.of_alerts(tx.connection, _ids(changes))}
    choices = await _unopposed(tx, [alert for alert, event in changes if event.step == "opened"], shelf)
    made: list[Change] = []
    for alert, event in changes:
        if event.step == "opened":
            new = _begun(alert, choices.get(alert.alert_id))
        elif (one := known.get(alert.alert_id)) is not None and not one.is_over:
            new = _followed(one, alert, event)
        else:
            continue
        made += new
        if new:
            known[alert.alert_id] = new[-1].after
    await keep(tx, made)


def _ids(changes: Sequence[AlertChange]) -> set[UUID]:
    """Of alerts that were not opened by these changes: what is new has nothing yet."""
    opened = {alert.alert_id for alert, event in changes if event.step == "opened"}
    return {alert.alert_id for alert, _ in changes} - opened


async def _unopposed(tx: Transaction, opened: Sequence[Alert], shelf: Shelf) -> dict[UUID, Choice]:
    """What each of these alerts begins: a playbook may rest on another consent than the alert, and that one count."""
    found = [(alert, choice) for alert in opened if (choice := _choice(alert, shelf)) is not None]
    if not found:
        return {}
    purposes = {choice.playbook.purpose for _, choice in found}
    objections = await Objections.load(tx, {alert.customer_id for alert, _ in found}, purposes)
    return {
        alert.alert_id: choice
        for alert, choice in found
        if objections.of(alert.customer_id, choice.playbook.purpose) is None
    }


def _begun(alert: Alert, choice: Choice | None) -> list[Change]:
    if choice is None:
        return []
    changes = begun(
        choice, customer_id=alert.customer_id, at=alert.opened_at, cause=alert.alert_id, alert_id=alert.alert_id
    )
    last = changes[-1].after
    if alert.owner is not None and not last.is_over:
        changes += assign(last, alert.opened_at, to=alert.owner, by=None)
    return changes


def _followed(one: Intervention, alert: Alert, event: AlertEvent) -> list[Change]:
    one, changes = lived(one, event.at)
    if one.is_over:
        return changes
    match event.step:
        case "closed":
            changes += cancel(one, event.at, alert.outcome or "closed")
        case "reassigned" | "acknowledged" if alert.owner is not None:
            changes += assign(one, event.at, to=alert.owner, by=event.by)
    return changes


def _choice(alert: Alert, shelf: Shelf) -> Choice | None:
    apart = frozenset(one.name for one in alert.indicators if one.name in INDICATORS and (one.is_low or one.is_high))
    situation = Situation("churn-warning", alert.tier, alert.stage, apart, alert.segment)
    return choose(shelf, situation, person=alert.customer_id, at=alert.opened_at)
