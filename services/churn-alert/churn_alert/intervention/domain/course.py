"""An intervention and its steps, as they are: frozen, each change makes another and says what it was."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from churn_alert.playbook.domain.lot import Arm
from churn_alert.playbook.domain.playbooks import Node, Role, Source, When
from rapport.errors import DomainError

Status = Literal["proposed", "assigned", "contacted", "done", "cancelled"]
StepKind = Literal["task", "contact"]
StepStatus = Literal["planned", "open", "requested", "done", "delivered", "refused", "skipped", "cancelled"]
Move = Literal[
    "proposed", "held-out", "begun", "requested", "assigned", "overdue", "delivered", "refused", "task-done", "done",
    "cancelled",
]  # fmt: skip
MOVES: tuple[Move, ...] = (
    "proposed", "held-out", "begun", "requested", "assigned", "overdue", "delivered", "refused", "task-done", "done",
    "cancelled",
)  # fmt: skip
_OVER = frozenset({"done", "cancelled"})
_GOES_ON = frozenset({"open", "requested"})


class InterventionNotFound(DomainError):
    """There is no such intervention."""


class InterventionAlreadyOver(DomainError):
    """The intervention is done or cancelled; nothing about it changes any more."""


class TaskNotFound(DomainError):
    """There is no such task."""


class TaskNotOpen(DomainError):
    """The task is over already, or was never begun."""


class TaskOfLead(DomainError):
    """The task is for who leads the unit."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a step asks customer-profile to send."""

    template: str
    version: int
    purpose: str
    kind: Literal["marketing", "service", "obligation"]
    channels: tuple[str, ...]
    expires: timedelta
    places: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `due_by`: until when a task is to be done, or a message expires; `due_at`: when it is looked at by
    itself, none where nothing is waited for. `request_id`: of a message that was asked for.
    """

    step_id: UUID
    number: int
    kind: StepKind
    action: str
    when: When
    role: Role | None = None
    due: timedelta | None = None
    message: Message | None = None
    status: StepStatus = "planned"
    begun_at: datetime | None = None
    due_by: datetime | None = None
    due_at: datetime | None = None
    overdue_at: datetime | None = None
    request_id: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    outcome: str | None = None
    """Of a task its outcome, of a message by which channel it went or why it was refused."""

    @property
    def goes_on(self) -> bool:
        """Somebody or something is waited for."""
        return self.status in _GOES_ON


@dataclass(frozen=True, slots=True)
class Intervention:
    """What is done for one customer on one occasion. `reached`: the customer was spoken with, or got a message.

    `assignee`: a person who was given it; without one it is whoever has charge of the customer. `arm`: none of what is
    never held out.
    """

    intervention_id: UUID
    customer_id: str
    node: Node
    playbook: str
    playbook_version: int
    purpose: str
    experiment: str | None
    arm: Arm | None
    opened_at: datetime
    alert_id: UUID | None = None
    product: str | None = None
    status: Status = "proposed"
    assignee: str | None = None
    reached: bool = False
    changed_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    reason: str | None = None
    """Why it was cancelled."""
    revision: int = 0
    steps: tuple[Step, ...] = ()

    @property
    def is_over(self) -> bool:
        """Nothing is done any more."""
        return self.status in _OVER

    def at(self, moment: datetime) -> datetime:
        """No earlier than what happened last."""
        return max(moment, self.changed_at or self.opened_at)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an intervention's history; `number` is its revision after it, `step` the number of the step."""

    intervention_id: UUID
    number: int
    move: Move
    at: datetime
    step: int | None = None
    by: str | None = None
    detail: str | None = None
    """An outcome, a channel, a reason, or who it was given to."""


@dataclass(frozen=True, slots=True)
class Change:
    """An intervention after one line of its history."""

    after: Intervention
    line: Line


def changed(
    before: Intervention,
    move: Move,
    at: datetime,
    *,
    step: Step | None = None,
    by: str | None = None,
    detail: str | None = None,
    **fields: object,
) -> Change:
    """The intervention with `fields` and the step as they are now, and the line that says so."""
    steps = tuple(step if step and one.number == step.number else one for one in before.steps)
    after = replace(before, steps=steps, revision=before.revision + 1, changed_at=at, **fields)  # type: ignore[arg-type]
    number = step.number if step else None
    return Change(after, Line(before.intervention_id, after.revision, move, at, number, by, detail))
