"""The tables: an intervention, its steps, and what became of it, append-only."""

from typing import get_args

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB

from churn_alert.intervention.domain.course import Move, Status, StepStatus
from churn_alert.playbook.domain.playbooks import Node
from churn_alert.tables import lines_of, metadata
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import part_of

_at = DateTime(timezone=True)
IS_OPEN = "status NOT IN ('done', 'cancelled')"
IS_ACT = "move IN ('task-done', 'delivered')"

interventions = Table(
    "interventions",
    metadata,
    Column("intervention_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("playbook", Text, nullable=False),
    Column("playbook_version", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("experiment", Text),
    Column("arm", Text),
    Column("opened_at", _at, nullable=False),
    Column("alert_id", Uuid),
    Column("product", Text),
    Column("status", Text, nullable=False),
    Column("assignee", Text),
    Column("reached", Boolean, nullable=False),
    Column("changed_at", _at),
    Column("ended_at", _at),
    Column("outcome", Text),
    Column("reason", Text),
    Column("revision", Integer, nullable=False),
    CheckConstraint(f"status IN {get_args(Status)}", name="interventions_status"),
    CheckConstraint(f"node IN {get_args(Node)}", name="interventions_node"),
    CheckConstraint("arm IN ('treated', 'held-out')", name="interventions_arm"),
    CheckConstraint("(arm IS NULL) = (experiment IS NULL)", name="interventions_drawn"),
    CheckConstraint("(status IN ('done', 'cancelled')) = (ended_at IS NOT NULL)", name="interventions_ended"),
    CheckConstraint(
        "arm IS DISTINCT FROM 'held-out' OR (status = 'done' AND NOT reached)", name="interventions_held_out"
    ),
    Index("interventions_by_customer", "customer_id", "opened_at"),
    Index("interventions_by_opening", "opened_at", "intervention_id"),
    Index("interventions_open", "customer_id", postgresql_where=text(IS_OPEN)),
    Index("interventions_given", "assignee", "opened_at", "intervention_id", postgresql_where=text(IS_OPEN)),
    Index("interventions_of_alert", "alert_id", unique=True, postgresql_where=text("alert_id IS NOT NULL")),
    info=entry("intervention"),
)

intervention_steps = Table(
    "intervention_steps",
    metadata,
    Column("step_id", Uuid, primary_key=True),
    Column("intervention_id", Uuid, ForeignKey("interventions.intervention_id"), nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("taken_when", Text, nullable=False),
    Column("role", Text),
    Column("due", INTERVAL),
    Column("message", JSONB(none_as_null=True)),
    Column("status", Text, nullable=False),
    Column("begun_at", _at),
    Column("due_by", _at),
    Column("due_at", _at),
    Column("overdue_at", _at),
    Column("request_id", Text),
    Column("ended_at", _at),
    Column("ended_by", Text),
    Column("outcome", Text),
    CheckConstraint("kind IN ('task', 'contact')", name="intervention_steps_kind"),
    CheckConstraint(f"status IN {get_args(StepStatus)}", name="intervention_steps_status"),
    CheckConstraint("(kind = 'task') = (message IS NULL)", name="intervention_steps_message"),
    Index("intervention_steps_by_intervention", "intervention_id", "number"),
    Index("intervention_steps_by_due_time", "partition", "due_at"),
    Index("intervention_steps_by_request", "request_id", postgresql_where=text("request_id IS NOT NULL")),
    Index("intervention_tasks", "due_by", "step_id", postgresql_where=text("kind = 'task' AND begun_at IS NOT NULL")),
    Index("intervention_steps_by_customer", "customer_id"),
    info=entry("intervention") | part_of(interventions),
)

intervention_events = Table(
    "intervention_events",
    metadata,
    *lines_of("interventions", "intervention_id", what="move"),
    Column("step", SmallInteger),
    Column("done_by", Text),
    Column("detail", Text),
    CheckConstraint(f"move IN {get_args(Move)}", name="intervention_events_move"),
    Index("intervention_acts", "intervention_id", "happened_at", postgresql_where=text(IS_ACT)),
    info=entry("intervention") | part_of(interventions),
)
