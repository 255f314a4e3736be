"""An intervention as others hear of it, and a message as customer-profile is asked for it."""

from churn_alert.intervention.domain.course import Change, Intervention, Step
from rapport.events.churn_alert import InterventionChanged
from rapport.events.contact import ContactRequested, Parameter


def fact_of(change: Change) -> InterventionChanged:
    """What other services hear of a change."""
    one, line = change.after, change.line
    step = one.steps[line.step - 1] if line.step else None
    return InterventionChanged(
        customer_id=one.customer_id,
        intervention_id=str(one.intervention_id),
        node=one.node,
        alert_id=str(one.alert_id) if one.alert_id else None,
        playbook=one.playbook,
        playbook_version=one.playbook_version,
        experiment=one.experiment,
        arm=one.arm,
        status=one.status,
        change=line.move,
        step=line.step,
        action=step.action if step else None,
        detail=line.detail,
        assignee=one.assignee,
        outcome=one.outcome,
        reason=one.reason,
        due_by=step.due_by if step and line.move in {"begun", "requested"} else None,
        opened_at=one.opened_at,
        changed_at=line.at,
        product=one.product,
        reached=one.reached,
    )


def request_of(one: Intervention, step: Step) -> ContactRequested:
    """The message of a step that has been begun; asked for again, it is the same request."""
    message = step.message
    assert message is not None
    assert step.request_id is not None
    assert step.due_by is not None
    return ContactRequested.model_validate(
        {
            "customer_id": one.customer_id,
            "request_id": step.request_id,
            "purpose": message.purpose,
            "kind": message.kind,
            "template": message.template,
            "template_version": message.version,
            "parameters": [_parameter(place, source, one) for place, source in sorted(message.places.items())],
            "channels": message.channels,
            "expires_at": step.due_by,
        }
    )


def _parameter(place: str, source: str, one: Intervention) -> Parameter:
    if source == "product":
        return Parameter(name=place, code=one.product)
    return Parameter(name=place, day=one.opened_at.date())
