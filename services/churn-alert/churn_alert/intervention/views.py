"""What is answered about interventions and tasks, and what is asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from churn_alert.intervention.domain.course import (
    InterventionAlreadyOver,
    InterventionNotFound,
    Move,
    Status,
    StepKind,
    StepStatus,
    TaskNotFound,
    TaskNotOpen,
    TaskOfLead,
)
from churn_alert.intervention.handlers.opening import CustomerNotKnown
from churn_alert.playbook.api import PlaybookNotFound
from churn_alert.playbook.domain.lot import Arm
from churn_alert.playbook.domain.playbooks import Node, Role
from rapport.events.base import Code, Token
from rapport.row_security import Sight
from rapport.web import Body, Problems

PROBLEMS: Problems = {
    InterventionNotFound: (404, "No such intervention"),
    InterventionAlreadyOver: (409, "The intervention is over"),
    TaskNotFound: (404, "No such task"),
    TaskNotOpen: (409, "The task is over"),
    TaskOfLead: (403, "The task is the team lead's"),
    CustomerNotKnown: (404, "No such customer"),
    PlaybookNotFound: (404, "No such playbook"),
}
_ID = "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20ab"
TASK: dict[str, Any] = {
    "task_id": "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20ac",
    "intervention_id": _ID,
    "customer_id": "c-4f1d8a",
    "action": "care-call",
    "role": "rm",
    "assignee": "e-2207",
    "status": "open",
    "begun_at": "2025-10-09T02:40:11Z",
    "due_by": "2025-10-12T02:40:11Z",
    "overdue_at": None,
    "ended_at": None,
    "ended_by": None,
    "outcome": None,
    "node": "churn-warning",
    "playbook": "care-of-high",
    "playbook_version": 1,
    "product": None,
    "alert_id": "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20aa",
}
ENDED = TASK | {
    "status": "done",
    "ended_at": "2025-10-10T08:12:30Z",
    "ended_by": "e-2207",
    "outcome": "content",
}
INTERVENTION: dict[str, Any] = {
    "intervention_id": _ID,
    "customer_id": "c-4f1d8a",
    "node": "churn-warning",
    "alert_id": "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20aa",
    "product": None,
    "playbook": "care-of-high",
    "playbook_version": 1,
    "experiment": "care-of-high",
    "arm": "treated",
    "status": "assigned",
    "assignee": "e-2207",
    "opened_at": "2025-10-09T02:40:11Z",
    "changed_at": "2025-10-09T02:40:11Z",
    "ended_at": None,
    "outcome": None,
    "reason": None,
}
_STEP = {
    "step_id": TASK["task_id"],
    "number": 1,
    "kind": "task",
    "action": "care-call",
    "role": "rm",
    "status": "open",
    "begun_at": "2025-10-09T02:40:11Z",
    "due_by": "2025-10-12T02:40:11Z",
    "overdue_at": None,
    "request_id": None,
    "ended_at": None,
    "ended_by": None,
    "outcome": None,
}
_LINE = {"move": "proposed", "happened_at": "2025-10-09T02:40:11Z", "known_at": "2025-10-09T02:40:12Z"}
NOTED: dict[str, Any] = {"customer_id": "c-4f1d8a", "product": "WM-30D", "noted": True}


class TaskView(BaseModel):
    """Something a person is to do for a customer, until when, and how it ended."""

    model_config = ConfigDict(json_schema_extra={"example": TASK})

    task_id: UUID
    intervention_id: UUID
    customer_id: str
    action: str = Field(description="As the playbook calls it")
    role: Role
    assignee: str | None = Field(description="Token of the employee; null: whoever has charge of the customer")
    status: StepStatus
    begun_at: datetime
    due_by: datetime
    overdue_at: datetime | None = Field(description="Since when it is overdue; noticed at that moment, whoever looks")
    ended_at: datetime | None
    ended_by: str | None
    outcome: str | None
    node: Node
    playbook: str
    playbook_version: int
    product: str | None
    alert_id: UUID | None

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """A row of the list."""
        return cls(**{name: row[name] for name in cls.model_fields if name != "task_id"}, task_id=row["step_id"])


class InterventionView(BaseModel):
    """What is done for one customer on one occasion."""

    model_config = ConfigDict(json_schema_extra={"example": INTERVENTION})

    intervention_id: UUID
    customer_id: str
    node: Node
    alert_id: UUID | None
    product: str | None
    playbook: str
    playbook_version: int
    experiment: str | None
    arm: Arm | None = Field(
        description="`held-out`: by lot nothing is done; null where nobody is ever held out, and to who has charge of "
        "customers"
    )
    status: Status
    assignee: str | None
    opened_at: datetime
    changed_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    reason: str | None = Field(
        description="Why it was cancelled: how the alert closed, or why the customer is left alone"
    )

    @classmethod
    def of(cls, one: Any, sight: Sight) -> Self:
        """A row, or one as the rules take it."""
        get = one.__getitem__ if isinstance(one, RowMapping) else lambda name: getattr(one, name)
        drawn = dict.fromkeys(("experiment", "arm") if sight.has_charge else ())
        return cls(**{name: get(name) for name in InterventionView.model_fields} | drawn)


class StepView(BaseModel):
    """One step. `outcome`: of a task its outcome, of a message the channel it went by, or why it did not."""

    step_id: UUID
    number: int
    kind: StepKind
    action: str
    role: Role | None
    status: StepStatus
    begun_at: datetime | None
    due_by: datetime | None
    overdue_at: datetime | None
    request_id: str | None
    ended_at: datetime | None
    ended_by: str | None
    outcome: str | None


class LineView(BaseModel):
    """One line of the history: `happened_at` is the moment it is about, `known_at` when it was decided."""

    move: Move
    happened_at: datetime
    known_at: datetime
    step: int | None = None
    done_by: str | None = None
    detail: str | None = None


class InterventionDetail(InterventionView):
    """An intervention with its steps and its history."""

    model_config = ConfigDict(json_schema_extra={"example": INTERVENTION | {"steps": [_STEP], "history": [_LINE]}})

    steps: list[StepView]
    history: list[LineView]

    @classmethod
    def whole(cls, row: RowMapping, steps: Sequence[RowMapping], lines: Sequence[RowMapping], *, sight: Sight) -> Self:
        """All that is kept of it."""
        return cls(
            **InterventionView.of(row, sight).model_dump(),
            steps=[StepView(**{name: one[name] for name in StepView.model_fields}) for one in steps],
            history=[LineView(**{name: one[name] for name in LineView.model_fields}) for one in lines],
        )


class PitchNoted(BaseModel):
    """That it was noted. Whether anything follows is for the playbooks and the lot, and is not said here."""

    model_config = ConfigDict(json_schema_extra={"example": NOTED})

    customer_id: str
    product: str
    noted: bool = True


class AssignIntervention(Body):
    """Who is to do what is open of it, and whatever follows."""

    model_config = ConfigDict(json_schema_extra={"example": {"assignee": "e-2207"}})

    assignee: Token = Field(
        description="Token of a manager or team lead who works here now; of a lead who asks, in the own unit"
    )


class EndTask(Body):
    """How it ended, by the list of outcomes of the playbooks. A note would invite personal data."""

    model_config = ConfigDict(json_schema_extra={"example": {"outcome": "content"}})

    outcome: Code = Field(description="One of the `outcomes` of `GET /playbooks`", examples=["content"])


class NotePitch(Body):
    """That a product was offered to a customer, so that somebody asks what became of it."""

    model_config = ConfigDict(json_schema_extra={"example": {"customer_id": "c-4f1d8a", "product": "WM-30D"}})

    customer_id: Token
    product: Code
