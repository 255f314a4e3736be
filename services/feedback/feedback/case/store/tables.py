"""The tables `cases`, `case_clocks` and `case_events`. What a customer or an employee wrote is encrypted in each."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from feedback.tables import metadata
from rapport.privacy.catalogue.columns import Sealed, entry
from rapport.privacy.catalogue.ending import part_of

_at = DateTime(timezone=True)

cases = Table(
    "cases",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("rating", SmallInteger),
    Column("language", Text, nullable=False),
    Column("product", Text),
    Column("unit", Text),
    Column("text", Sealed("case_id"), info=entry("free-text")),
    Column("submitted_at", _at, nullable=False),
    Column("sentiment", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("run", SmallInteger, nullable=False),
    Column("opened_at", _at, nullable=False),
    Column("root_cause", Text),
    Index("cases_by_submission", "submitted_at", "case_id"),
    Index("cases_by_status", "status", "submitted_at", "case_id"),
    Index("cases_by_customer", "customer_id", "submitted_at", "case_id"),
    info=entry("feedback-case"),
)

case_clocks = Table(
    "case_clocks",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("run", SmallInteger, primary_key=True),
    Column("clock", Text, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("started_at", _at, nullable=False),
    Column("deadline_at", _at, nullable=False),
    Column("due_at", _at),
    Column("stopped_at", _at),
    Column("breached_at", _at),
    CheckConstraint("stopped_at >= started_at", name="a_clock_is_never_negative"),
    CheckConstraint("breached_at = deadline_at", name="a_breach_is_as_of_the_deadline"),
    CheckConstraint(
        "(due_at IS NOT NULL) = (stopped_at IS NULL AND breached_at IS NULL)", name="only_a_running_clock_falls_due"
    ),
    Index("case_clocks_due", "partition", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("case_clocks_due_by_customer", "customer_id", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("case_clocks_overdue", "case_id", postgresql_where=text("breached_at IS NOT NULL AND stopped_at IS NULL")),
    info=entry("feedback-case"),
)

case_events = Table(
    "case_events",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("run", SmallInteger, primary_key=True),
    Column("happening", Text, primary_key=True),
    Column("happened_at", _at, nullable=False),
    Column("recorded_at", _at, nullable=False),
    Column("actor", Text),
    Column("root_cause", Text),
    Column("words", Sealed("case_id", "run", "happening", of=cases), info=entry("free-text")),
    Column("consent_version", BigInteger),
    info=entry("feedback-case") | part_of(cases),
)
