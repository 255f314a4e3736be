"""What can become of an intervention. Each function returns the changes it makes, in order; none where it makes none.

Steps follow one another: a task is open until somebody says its outcome, a message until customer-profile answers. What
silence brings (a task overdue, an answer that never came) is decided as of its own moment, before what comes later.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from churn_alert.intervention.domain.course import (
    Change,
    Intervention,
    InterventionAlreadyOver,
    Move,
    Step,
    StepStatus,
    TaskNotOpen,
    changed,
)

_GRACE = timedelta(days=1)
"""After a message expired: customer-profile answers before, unless it is down so long; then the next step is taken."""


def begin(planned: Intervention, *, seen_at: datetime | None = None) -> list[Change]:
    """Propose it, and begin its first step; who is held out gets nothing, and that is all there is to it.

    `seen_at`: of one that is dated back, since when anybody can do something; what is due counts from then.
    """
    at = planned.opened_at
    changes = [changed(planned, "proposed", at)]
    if planned.arm == "held-out":
        held = changed(changes[-1].after, "held-out", at, status="done", ended_at=at, outcome="held-out")
        return [*changes, held]
    return _go_on(changes, at, seen_at)


def assign(one: Intervention, at: datetime, *, to: str, by: str | None) -> list[Change]:
    """Give it to a person; nothing changes where it is that person's already. Raises InterventionAlreadyOver."""
    if one.is_over:
        raise InterventionAlreadyOver
    if one.assignee == to:
        return []
    status = "assigned" if one.status == "proposed" else one.status
    return [changed(one, "assigned", one.at(at), by=by, detail=to, assignee=to, status=status)]


def end_task(
    one: Intervention, number: int, at: datetime, *, outcome: str, reached: bool, by: str | None
) -> list[Change]:
    """Somebody says how a task ended. Raises TaskNotOpen where it is over, or was never begun."""
    step = one.steps[number - 1]
    if step.status != "open":
        raise TaskNotOpen
    at = one.at(at)
    ended = _ended(step, "done", at, outcome, by=by)
    status = "contacted" if reached else one.status
    reached = one.reached or reached
    made = changed(one, "task-done", at, step=ended, by=by, detail=outcome, status=status, reached=reached)
    return _go_on([made], at)


def heard_delivered(one: Intervention, number: int, at: datetime, channel: str) -> list[Change]:
    """The customer got the message. One that was given up before is noted, and nothing goes on for it."""
    step = one.steps[number - 1]
    if step.status == "delivered":
        return []
    was_waited_for = step.status == "requested"
    at = one.at(at)
    status = one.status if one.is_over else "contacted"
    ended = _ended(step, "delivered", at, channel)
    made = changed(one, "delivered", at, step=ended, detail=channel, reached=True, status=status)
    return _go_on([made], at) if was_waited_for and not one.is_over else [made]


def heard_refused(one: Intervention, number: int, at: datetime, reason: str) -> list[Change]:
    """The message does not reach the customer: the next step is taken."""
    step = one.steps[number - 1]
    if step.status != "requested" or one.is_over:
        return []
    at = one.at(at)
    return _go_on([changed(one, "refused", at, step=_ended(step, "refused", at, reason), detail=reason)], at)


def is_repeated(one: Intervention, number: int, said: tuple[StepStatus, str]) -> bool:
    """Whether the step ended by this very answer. One that was given up, or is over with the intervention, did not."""
    step = one.steps[number - 1]
    return step.status == said[0] == "delivered" or (step.status, step.outcome) == said


def cancel(one: Intervention, at: datetime, reason: str) -> list[Change]:
    """Nothing more is done, for this reason; what is over stays as it is."""
    if one.is_over:
        return []
    at = one.at(at)
    steps = tuple(
        _ended(step, "cancelled", at, None) if step.goes_on or step.status == "planned" else step for step in one.steps
    )
    before = replace(one, steps=steps)
    return [changed(before, "cancelled", at, detail=reason, status="cancelled", ended_at=at, reason=reason)]


def caught_up(one: Intervention, until: datetime) -> list[Change]:
    """What silence brought up to `until`: each as of its own moment, the earliest first."""
    changes: list[Change] = []
    while due := [step for step in one.steps if step.due_at is not None and step.due_at <= until and not one.is_over]:
        step = min(due, key=lambda each: (each.due_at, each.number))
        assert step.due_at is not None
        if step.kind == "task":
            overdue = replace(step, overdue_at=step.due_at, due_at=None)
            changes.append(changed(one, "overdue", one.at(step.due_at), step=overdue))
        else:
            changes += heard_refused(one, step.number, step.due_at, "unanswered")
        one = changes[-1].after
    return changes


def _go_on(changes: list[Change], at: datetime, seen_at: datetime | None = None) -> list[Change]:
    """Begin the next step that is to be taken; without one it is done."""
    one = changes[-1].after
    for step in one.steps:
        if step.status != "planned":
            continue
        if step.when == "unreached" and one.reached:
            one = replace(one, steps=_with(one, replace(step, status="skipped", ended_at=at)))
            continue
        begun = _begun(one, step, at, max(at, seen_at or at))
        move: Move = "begun" if step.kind == "task" else "requested"
        return [*changes, changed(one, move, at, step=begun, detail=step.action)]
    said = [step.outcome for step in one.steps if step.kind == "task" and step.status == "done"]
    outcome = said[-1] if said else "reached" if one.reached else "unreached"
    return [*changes, changed(one, "done", at, detail=outcome, status="done", ended_at=at, outcome=outcome)]


def _begun(one: Intervention, step: Step, at: datetime, since: datetime) -> Step:
    if step.kind == "task":
        assert step.due is not None
        return replace(step, status="open", begun_at=at, due_by=since + step.due, due_at=since + step.due)
    assert step.message is not None
    expires = since + step.message.expires
    request_id = f"iv-{one.intervention_id.hex}-{step.number}"
    return replace(
        step, status="requested", begun_at=at, due_by=expires, due_at=expires + _GRACE, request_id=request_id
    )


def _ended(step: Step, status: StepStatus, at: datetime, outcome: str | None, *, by: str | None = None) -> Step:
    return replace(step, status=status, ended_at=at, ended_by=by, outcome=outcome, due_at=None)


def _with(one: Intervention, step: Step) -> tuple[Step, ...]:
    return tuple(step if each.number == step.number else each for each in one.steps)
