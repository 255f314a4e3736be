"""The register in PostgreSQL. At most one entry of a rule's on a customer is not closed: a unique index besides."""

from typing import get_args

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from churn_alert.register.domain.entries import Outcome, Status, Step
from churn_alert.register.domain.words import KINDS, SEVERITIES
from churn_alert.tables import lines_of, metadata
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import part_of

_at = DateTime(timezone=True)
IS_OPEN = "status <> 'closed'"

risk_entries = Table(
    "risk_entries",
    metadata,
    Column("entry_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("customer_id", Text),
    Column("severity", Text, nullable=False),
    Column("rule_version", Integer),
    Column("opened_by", Text),
    Column("opened_at", _at, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("owner", Text),
    Column("closed_at", _at),
    Column("closed_by", Text),
    Column("outcome", Text),
    Column("revision", Integer, nullable=False),
    CheckConstraint(f"kind IN {KINDS}", name="risk_entries_kind"),
    CheckConstraint(f"severity IN {SEVERITIES}", name="risk_entries_severity"),
    CheckConstraint(f"status IN {get_args(Status)}", name="risk_entries_status"),
    CheckConstraint(f"outcome IN {get_args(Outcome)}", name="risk_entries_outcome"),
    CheckConstraint(
        "(status = 'closed') = (outcome IS NOT NULL AND closed_at IS NOT NULL)", name="risk_entries_closed"
    ),
    Index(
        "risk_entries_one_open_by_rule",
        "customer_id",
        "cause",
        unique=True,
        postgresql_where=text(f"{IS_OPEN} AND rule_version IS NOT NULL"),
    ),
    Index("risk_entries_by_opening", "opened_at", "entry_id"),
    Index("risk_entries_by_customer", "customer_id", "opened_at"),
    info=entry("risk-register"),
)

risk_entry_steps = Table(
    "risk_entry_steps",
    metadata,
    *lines_of("risk_entries", "entry_id"),
    Column("severity", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("owner", Text),
    Column("done_by", Text),
    Column("outcome", Text),
    CheckConstraint(f"step IN {get_args(Step)}", name="risk_entry_steps_step"),
    info=entry("risk-register") | part_of(risk_entries),
)

holdings_heard = Table(
    "holdings_heard",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    info=entry("risk-register"),
)
"""How far each customer's holdings are known: an older word says nothing after a newer."""
