"""Alerts begin interventions and end them, in the transaction in which they change."""

from collections.abc import Sequence
from uuid import UUID

from churn_alert.alert.domain.lifecycle import Alert, AlertEvent, Assigned
from churn_alert.alert.domain.lifecycle import Change as AlertChange
from churn_alert.intervention.domain.course import Change, Intervention
from churn_alert.intervention.domain.doing import assign, cancel
from churn_alert.intervention.handlers.keeping import begun, keep, lived
from churn_alert.intervention.store import courses
from churn_alert.playbook.domain.choosing import COMPLAINT, Choice, choose
from churn_alert.playbook.domain.playbooks import INDICATORS, Shelf, Situation
from rapport.messaging.transaction import Transaction

_A_COMPLAINT = "negative-feedback"
"""Too many of late for anybody: what to mend also for whom it is usual."""


def assign_playbook(alert: Alert, refused: frozenset[str], *, shelf: Shelf) -> Assigned | None:
    """The playbook of an alert that is about to be opened, and the arm that is drawn before anybody sees it.

    `refused`: the purposes that the customer refuses; no playbook that rests on one is for the customer.
    """
    out = {one.name for one in alert.indicators if one.is_low or one.is_high}
    apart = (out & INDICATORS) | ({COMPLAINT} if _A_COMPLAINT in out else set())
    situation = Situation("churn-warning", alert.tier, alert.stage, frozenset(apart), alert.segment, refused)
    choice = choose(shelf, situation, person=alert.customer_id, at=alert.opened_at)
    if choice is None:
        return None
    return Assigned(choice.playbook.code, choice.version, choice.arm, choice.experiment)


async def follow_alerts(tx: Transaction, changes: Sequence[AlertChange], *, shelf: Shelf) -> None:
    """Begin what an alert that was opened asks for; give it to whom the alert is given to; end it with the alert."""
    known = {one.alert_id: one for one in await courses.of_alerts(tx.connection, _ids(changes))}
    made: list[Change] = []
    for alert, event in changes:
        if event.step == "opened":
            new = _begun(alert, _assigned(alert, shelf))
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


def _assigned(alert: Alert, shelf: Shelf) -> Choice | None:
    """The playbook that was assigned when it was opened, in the arm that was drawn then."""
    book = shelf.of(alert.playbook_version) if alert.playbook_version is not None else None
    found = next((one for one in book.playbooks if one.code == alert.playbook), None) if book else None
    return Choice(book, found, alert.arm) if book and found else None


def _begun(alert: Alert, choice: Choice | None) -> list[Change]:
    if choice is None:
        return []
    changes = begun(
        choice,
        customer_id=alert.customer_id,
        at=alert.opened_at,
        cause=alert.alert_id,
        alert_id=alert.alert_id,
        seen_at=alert.waiting_since,
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
