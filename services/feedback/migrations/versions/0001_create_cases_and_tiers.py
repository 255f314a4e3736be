"""Feedback with its clocks and history, and the copy of each customer's tier."""

import sqlalchemy as sa
from alembic import op

revision = "feedback_0001"
down_revision = None
branch_labels = ("feedback",)
depends_on = "delivery_0001"

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tiers()
    _create_cases()
    _create_clocks()
    _create_events()


def _create_tiers() -> None:
    op.create_table(
        "tiers",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("decided_at", _at, nullable=False),
    )


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("rating", sa.SmallInteger),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("product", sa.Text),
        sa.Column("unit", sa.Text),
        sa.Column("text", sa.LargeBinary),
        sa.Column("submitted_at", _at, nullable=False),
        sa.Column("sentiment", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("run", sa.SmallInteger, nullable=False),
        sa.Column("opened_at", _at, nullable=False),
        sa.Column("root_cause", sa.Text),
    )
    op.create_index("cases_by_submission", "cases", ["submitted_at", "case_id"])
    op.create_index("cases_by_status", "cases", ["status", "submitted_at", "case_id"])
    op.create_index("cases_by_customer", "cases", ["customer_id", "submitted_at", "case_id"])


def _create_clocks() -> None:
    op.create_table(
        "case_clocks",
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("run", sa.SmallInteger, primary_key=True),
        sa.Column("clock", sa.Text, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("started_at", _at, nullable=False),
        sa.Column("deadline_at", _at, nullable=False),
        sa.Column("due_at", _at),
        sa.Column("stopped_at", _at),
        sa.Column("breached_at", _at),
        sa.CheckConstraint("stopped_at >= started_at", name="a_clock_is_never_negative"),
        sa.CheckConstraint("breached_at = deadline_at", name="a_breach_is_as_of_the_deadline"),
        sa.CheckConstraint(
            "(due_at IS NOT NULL) = (stopped_at IS NULL AND breached_at IS NULL)", name="only_a_running_clock_falls_due"
        ),
    )
    due, overdue = sa.text("due_at IS NOT NULL"), sa.text("breached_at IS NOT NULL AND stopped_at IS NULL")
    op.create_index("case_clocks_due", "case_clocks", ["partition", "due_at"], postgresql_where=due)
    op.create_index("case_clocks_due_by_customer", "case_clocks", ["customer_id", "due_at"], postgresql_where=due)
    op.create_index("case_clocks_overdue", "case_clocks", ["case_id"], postgresql_where=overdue)


def _create_events() -> None:
    op.create_table(
        "case_events",
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("run", sa.SmallInteger, primary_key=True),
        sa.Column("happening", sa.Text, primary_key=True),
        sa.Column("happened_at", _at, nullable=False),
        sa.Column("recorded_at", _at, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("root_cause", sa.Text),
        sa.Column("words", sa.LargeBinary),
    )


def downgrade() -> None:
    for table in ("case_events", "case_clocks", "cases", "tiers"):
        op.drop_table(table)
