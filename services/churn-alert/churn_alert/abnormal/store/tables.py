"""The tables of leads: nothing in them is ever deleted but with the customer's file."""

from typing import get_args

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from churn_alert.abnormal.domain.leads import Reason, State
from churn_alert.tables import lines_of, metadata
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import part_of

_at = DateTime(timezone=True)

abnormal_activities = Table(
    "abnormal_activities",
    metadata,
    Column("lead_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("direction", Text),
    Column("count", Integer, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("threshold", BigInteger, info=entry("abnormal-activity")),
    Column("value", Double),
    Column("usual", Double),
    Column("normal_high", Double, info=entry("abnormal-activity")),
    Column("deviations", Double),
    Column("rules_version", Integer, nullable=False),
    Column("detected_at", _at, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_true", Boolean, nullable=False),
    Column("reason", Text),
    Column("proposed_by", Text),
    Column("decided_by", Text),
    Column("decided_at", _at, info=entry("abnormal-activity")),
    Column("revision", Integer, nullable=False),
    Column("told", BigInteger),
    Column("partition", SmallInteger),
    Column("due_at", _at),
    Column("overdue_at", _at),
    Column("handed_over", Boolean, nullable=False, server_default="false"),
    CheckConstraint("kind IN ('large', 'pattern', 'unusual')", name="abnormal_activities_kind"),
    CheckConstraint(f"state IN {get_args(State)}", name="abnormal_activities_state"),
    CheckConstraint(f"reason IN {get_args(Reason)}", name="abnormal_activities_reason"),
    CheckConstraint("decided_by <> proposed_by OR state <> 'dismissed'", name="abnormal_activities_two_persons"),
    Index("abnormal_activities_by_detection", "detected_at", "lead_id"),
    Index("abnormal_activities_by_customer", "customer_id", "detected_at"),
    Index("abnormal_activities_by_due", "partition", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index(
        "abnormal_activities_undated",
        "lead_id",
        postgresql_where=text("due_at IS NULL AND overdue_at IS NULL AND state IN ('open', 'dismissal-proposed')"),
    ),
    info=entry("abnormal-activity"),
)

abnormal_activity_steps = Table(
    "abnormal_activity_steps",
    metadata,
    *lines_of("abnormal_activities", "lead_id"),
    Column("count", Integer, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("done_by", Text),
    Column("reason", Text),
    info=entry("abnormal-activity") | part_of(abnormal_activities),
)
