"""Alerts in PostgreSQL. At most one of a customer is open: the rule of the domain, and a unique index besides."""

from typing import get_args

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
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
from sqlalchemy.dialects.postgresql import JSONB

from churn_alert.alert.domain.lifecycle import Outcome, Step
from churn_alert.tables import lines_of, metadata
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import part_of

_at = DateTime(timezone=True)
IS_OPEN = "status <> 'closed'"

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("probability", Double, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("indicators", JSONB, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("crossing_id", Uuid, nullable=False),
    Column("opened_at", _at, nullable=False),
    Column("acknowledged_at", _at),
    Column("acknowledged_by", Text),
    Column("closed_at", _at),
    Column("closed_by", Text),
    Column("outcome", Text),
    Column("outcome_at", _at),
    Column("owner", Text),
    Column("tier", Text),
    Column("stage", Text),
    Column("segment", Text),
    Column("urgency", Double),
    Column("policy_version", Integer),
    Column("playbook", Text),
    Column("playbook_version", Integer),
    Column("experiment", Text),
    Column("arm", Text),
    Column("escalation", SmallInteger, nullable=False, server_default="0"),
    Column("waiting_since", _at),
    Column("answer_by", _at),
    Column("snoozed_until", _at),
    Column("snoozes", SmallInteger, nullable=False, server_default="0"),
    Column("partition", SmallInteger),
    Column("due_at", _at),
    Column("revision", Integer, nullable=False),
    CheckConstraint("status IN ('opened', 'acknowledged', 'closed')", name="alerts_status"),
    CheckConstraint("severity IN ('low', 'medium', 'high')", name="alerts_severity"),
    CheckConstraint(f"outcome IN {get_args(Outcome)}", name="alerts_outcome"),
    CheckConstraint("(status = 'closed') = (outcome IS NOT NULL AND closed_at IS NOT NULL)", name="alerts_closed"),
    CheckConstraint("probability BETWEEN 0 AND 1 AND threshold BETWEEN 0 AND 1", name="alerts_probability"),
    CheckConstraint("arm IN ('treated', 'held-out')", name="alerts_arm"),
    Index("alerts_by_due_time", "partition", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("alerts_one_open", "customer_id", unique=True, postgresql_where=text(IS_OPEN)),
    Index("alerts_by_customer", "customer_id", "opened_at"),
    Index("alerts_by_opening", "opened_at", "alert_id"),
    Index("alerts_by_owner", "owner", "opened_at", "alert_id"),
    Index("alerts_by_severity", "severity", "opened_at", "alert_id"),
    Index("alerts_by_tier", "tier", "opened_at", "alert_id"),
    Index("alerts_by_stage", "stage", "opened_at", "alert_id"),
    Index("alerts_by_segment", "segment", "opened_at", "alert_id"),
    Index("alerts_closed", "closed_at", "alert_id", postgresql_where=text("status = 'closed'")),
    Index("alerts_snoozed", "opened_at", "alert_id", postgresql_where=text("snoozed_until IS NOT NULL")),
    Index("alerts_held_out", "opened_at", "alert_id", postgresql_where=text("arm = 'held-out'")),
    Index("alerts_open", "opened_at", "alert_id", postgresql_where=text(IS_OPEN)),
    CheckConstraint("urgency >= 0 AND urgency < 'infinity'", name="alerts_urgency"),
    info=entry("churn-alert"),
)

alert_events = Table(
    "alert_events",
    metadata,
    *lines_of("alerts", "alert_id"),
    Column("done_by", Text),
    Column("outcome", Text),
    Column("consent_version", BigInteger),
    Column("owner", Text),
    Column("escalation", SmallInteger, nullable=False, server_default="0"),
    Column("snoozed_until", _at),
    CheckConstraint(f"step IN {get_args(Step)}", name="alert_events_step"),
    info=entry("churn-alert") | part_of(alerts),
)
