"""What came of each alert, each intervention that drew an arm, and each warning of the recency rule: found once its
window is over and kept, so a figure of last year stays what it was.
"""

from typing import get_args

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
)

from churn_alert.alert.store.tables import alerts
from churn_alert.intervention.store.tables import interventions
from churn_alert.playbook.domain.playbooks import Measure
from churn_alert.tables import metadata
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import kept_until, part_of

_at = DateTime(timezone=True)

alert_outcomes = Table(
    "alert_outcomes",
    metadata,
    Column("alert_id", Uuid, ForeignKey("alerts.alert_id"), primary_key=True),
    Column("warned_on", Date, nullable=False),
    Column("gone_on", Date),
    Column("silent_days", Integer),
    Column("definition", Integer, nullable=False),
    Column("judged_at", _at, nullable=False),
    info=entry("churn-alert") | part_of(alerts),
)

intervention_outcomes = Table(
    "intervention_outcomes",
    metadata,
    Column("intervention_id", Uuid, ForeignKey("interventions.intervention_id"), primary_key=True),
    Column("measure", Text, nullable=False),
    Column("achieved", Boolean, nullable=False),
    Column("definition", Integer, nullable=False),
    Column("judged_at", _at, nullable=False),
    CheckConstraint(f"measure IN {get_args(Measure)}", name="intervention_outcomes_measure"),
    info=entry("intervention") | part_of(interventions),
)

recency_months = Table(
    "recency_months",
    metadata,
    Column("month", Date, primary_key=True),
    Column("noted_at", _at, nullable=False),
    info=entry("churn-alert") | kept_until("for ever"),
)
"""Months of which it is noted whom the recency rule would have warned of."""

recency_warnings = Table(
    "recency_warnings",
    metadata,
    Column("warning_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("opened_at", _at, nullable=False),
    Column("after_days", Integer, nullable=False),
    Column("tier", Text),
    Column("stage", Text),
    Column("segment", Text),
    Index("recency_warnings_by_customer", "customer_id", "opened_at", unique=True),
    Index("recency_warnings_by_opening", "opened_at"),
    info=entry("churn-alert"),
)
"""Of whom a rule that counts days without own activity alone would have warned: nobody is told of it."""

recency_outcomes = Table(
    "recency_outcomes",
    metadata,
    Column("warning_id", Uuid, ForeignKey("recency_warnings.warning_id"), primary_key=True),
    Column("warned_on", Date, nullable=False),
    Column("gone_on", Date),
    Column("left_on", Date),
    Column("told_on", Date),
    Column("alerted_on", Date),
    Column("arm", Text),
    Column("definition", Integer, nullable=False),
    Column("judged_at", _at, nullable=False),
    CheckConstraint("arm IN ('treated', 'held-out', 'none')", name="recency_outcomes_arm"),
    CheckConstraint("(left_on IS NULL) = (told_on IS NULL)", name="recency_outcomes_told"),
    info=entry("churn-alert") | part_of(recency_warnings),
)
