"""An intervention as a playbook has it, before anything is done: with its steps written out, whatever the book says
later.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from churn_alert.intervention.domain.course import Intervention, Message, Step
from churn_alert.playbook.domain.choosing import Choice
from churn_alert.playbook.domain.playbooks import Contact, Playbooks, Task
from churn_alert.playbook.domain.playbooks import Step as Written


def planned(
    choice: Choice,
    *,
    intervention_id: UUID,
    step_id: Callable[[int], UUID],
    customer_id: str,
    at: datetime,
    alert_id: UUID | None = None,
    product: str | None = None,
) -> Intervention:
    """By this playbook. `step_id`: of the step of a number. Of who is held out no step is planned."""
    playbook = choice.playbook
    written = () if choice.arm == "held-out" else playbook.steps
    return Intervention(
        intervention_id=intervention_id,
        customer_id=customer_id,
        node=playbook.node,
        playbook=playbook.code,
        playbook_version=choice.version,
        purpose=playbook.purpose,
        experiment=choice.experiment,
        arm=choice.arm,
        opened_at=at,
        alert_id=alert_id,
        product=product,
        steps=tuple(_step(one, number, step_id(number), choice.book) for number, one in enumerate(written, start=1)),
    )


def _step(written: Written, number: int, step_id: UUID, book: Playbooks) -> Step:
    match written:
        case Task(action, role, due, when):
            return Step(step_id, number, "task", action, when, role=role, due=due)
        case Contact(action, template, kind, channels, expires, when):
            words = book.templates[template]
            message = Message(words.code, words.version, words.purpose, kind, channels, expires, words.places)
            return Step(step_id, number, "contact", action, when, message=message)
