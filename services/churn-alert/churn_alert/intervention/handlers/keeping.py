"""How every change of an intervention is kept and told, and how one is begun."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from churn_alert.intervention.domain.course import Change, Intervention
from churn_alert.intervention.domain.doing import begin, caught_up
from churn_alert.intervention.domain.planning import planned
from churn_alert.intervention.facts import fact_of, request_of
from churn_alert.intervention.store import courses
from churn_alert.playbook.domain.choosing import Choice
from rapport.ids import derived_id
from rapport.messaging.transaction import Transaction


async def keep(tx: Transaction, changes: Sequence[Change]) -> None:
    """Write these changes and tell each; what is begun by one is asked for with it.

    The ids of what is told follow from the intervention's and the line's number: derived again, they are the same.
    """
    if not changes:
        return
    for change in changes:
        one, line = change.after, change.line
        cause = f"intervention:{one.intervention_id}:{line.number}"
        tx.tell(fact_of(change), time=line.at, cause=cause)
        if line.move == "requested" and line.step is not None:
            tx.tell(request_of(one, one.steps[line.step - 1]), time=line.at, cause=cause)
    await courses.save(tx.connection, changes, known_at=tx.now, partition_of=tx.partition_of)


def begun(
    choice: Choice,
    *,
    customer_id: str,
    at: datetime,
    cause: object,
    since: datetime | None = None,
    alert_id: UUID | None = None,
    product: str | None = None,
    seen_at: datetime | None = None,
) -> list[Change]:
    """The changes by which an intervention begins. `cause`, and since when it is (by default `at`): what it follows
    from, the same again when replayed. `seen_at`: when anybody could see it, where that is later.
    """
    intervention_id = derived_id(since or at, "intervention", choice.playbook.node, customer_id, cause)
    plan = planned(
        choice,
        intervention_id=intervention_id,
        step_id=lambda number: derived_id(at, "step", intervention_id, number),
        customer_id=customer_id,
        at=at,
        alert_id=alert_id,
        product=product,
    )
    return begin(plan, seen_at=seen_at)


def lived(one: Intervention, until: datetime) -> tuple[Intervention, list[Change]]:
    """An intervention as it is by then, with what silence brought up to it."""
    changes = caught_up(one, until)
    return (changes[-1].after if changes else one), changes
