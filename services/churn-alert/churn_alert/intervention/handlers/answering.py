"""What customer-profile answers to the messages asked for, and what falls due while nobody says anything."""

from collections.abc import Sequence

from churn_alert.intervention.domain.course import Change, Intervention, StepStatus
from churn_alert.intervention.domain.doing import heard_delivered, heard_refused, is_repeated
from churn_alert.intervention.handlers.keeping import keep, lived
from churn_alert.intervention.store import courses
from rapport.events.base import Received
from rapport.events.contact import ContactDelivered, ContactRefused
from rapport.messaging.transaction import Transaction

Answer = Received[ContactDelivered | ContactRefused]
OWN = "iv-"
"""How the ids of our own requests begin; of others' nothing is looked for."""


async def on_contacts_answered(tx: Transaction, events: Sequence[Answer]) -> None:
    """Go on with what was asked for here; an answer to anybody else's request, one heard before, or one to a step that
    is over changes nothing."""
    own = [event for event in events if event.data.request_id.startswith(OWN)]
    found = await courses.of_requests(tx.connection, {event.data.request_id for event in own}) if own else []
    at_step = {step.request_id: (one.intervention_id, step.number) for one in found for step in one.steps}
    present = {one.intervention_id: one for one in found}
    changes: list[Change] = []
    for event in events:
        place = at_step.get(event.data.request_id) if event.data.request_id.startswith(OWN) else None
        made = _answered(present[place[0]], place[1], event) if place else []
        if made:
            changes += made
            present[made[-1].after.intervention_id] = made[-1].after
        elif place or isinstance(event.data, ContactRefused):
            # Of somebody else's request a delivery is a contact all the same: the calendar takes it.
            is_repeat = place is not None and is_repeated(present[place[0]], place[1], _said(event))
            tx.leave(event, "duplicate" if is_repeat else "skipped")
    await keep(tx, changes)


def _said(event: Answer) -> tuple[StepStatus, str]:
    match event.data:
        case ContactDelivered(channel=channel):
            return "delivered", channel
        case ContactRefused(reason=reason):
            return "refused", reason


def _answered(one: Intervention, number: int, event: Answer) -> list[Change]:
    """By the time the answer gives, what silence brought before it comes first."""
    match event.data:
        case ContactDelivered(channel=channel, delivered_at=at):
            one, before = lived(one, at)
            return before + heard_delivered(one, number, at, channel)
        case ContactRefused(reason=reason, refused_at=at):
            one, before = lived(one, at)
            return before + heard_refused(one, number, at, reason)


async def fire_due_steps(tx: Transaction, customer_ids: Sequence[str]) -> None:
    """Say which tasks are overdue, and go on where an answer never came, each as of its own moment."""
    changes: list[Change] = []
    for one in await courses.open_of(tx.connection, customer_ids):
        changes += lived(one, tx.clock_of(one.customer_id))[1]
    await keep(tx, changes)
