"""What is kept of postings by day, leads on abnormal activity with their history and readers, and exchange rates.

Additive. It fills from what is heard after it; postings of before are in no range, so a customer has one a month later.
Exchange rates fill from their beginning.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "churn_alert_0012"
down_revision = "churn_alert_0011"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_STATES = "'open', 'dismissal-proposed', 'dismissed', 'referred', 'withdrawn'"
_REASONS = "'explained', 'own-accounts', 'data-error', 'reported-already', 'not-reportable'"


def _required(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _optional(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind) for name in names]


def upgrade() -> None:
    op.create_table(
        "activity_states",
        sa.Column("customer_id", sa.Text, primary_key=True),
        *_required(sa.SmallInteger(), "partition"),
        *_required(sa.Date(), "last_day"),
        *_required(sa.LargeBinary(), "days"),
        *_optional(sa.Date(), "active_days_from"),
        *_optional(sa.LargeBinary(), "active_days"),
        *_required(JSONB(), "counterparties"),
        *_required(sa.Boolean(), "is_natural"),
        *_required(sa.BigInteger(), "profile_revision"),
        *_required(JSONB(), "in_force"),
        # Every posting writes its customer's row.
        postgresql_with={"fillfactor": 70},
    )
    _create_leads()
    op.create_table(
        "abnormal_activity_reads",
        sa.Column("read_id", sa.Uuid, primary_key=True),
        *_optional(sa.Uuid(), "lead_id"),
        *_required(sa.Integer(), "leads"),
        *_required(sa.Text(), "read_by"),
        *_required(_at, "read_at"),
    )
    op.create_index("abnormal_activity_reads_by_lead", "abnormal_activity_reads", ["lead_id", "read_id"])
    op.create_table(
        "exchange_rates",
        sa.Column("base", sa.Text, primary_key=True),
        sa.Column("quote", sa.Text, primary_key=True),
        sa.Column("rate_date", sa.Date, primary_key=True),
        *_required(sa.Text(), "rate"),
        *_required(_at, "told_at"),
    )


def _create_leads() -> None:
    op.create_table(
        "abnormal_activities",
        sa.Column("lead_id", sa.Uuid, primary_key=True),
        *_required(sa.Text(), "customer_id", "key", "rule", "kind"),
        *_required(sa.Date(), "day"),
        *_optional(sa.Text(), "direction"),
        *_required(sa.Integer(), "count"),
        *_required(sa.BigInteger(), "minor"),
        *_required(sa.Text(), "currency"),
        *_optional(sa.BigInteger(), "threshold"),
        *_optional(sa.Double(), "value", "usual", "normal_high", "deviations"),
        *_required(sa.Integer(), "rules_version"),
        *_required(_at, "detected_at"),
        *_required(sa.Date(), "due_on"),
        *_required(sa.Text(), "state"),
        *_required(sa.Boolean(), "is_true"),
        *_optional(sa.Text(), "reason", "proposed_by", "decided_by"),
        *_optional(_at, "decided_at"),
        *_required(sa.Integer(), "revision"),
        sa.CheckConstraint("kind IN ('large', 'pattern', 'unusual')", name="abnormal_activities_kind"),
        sa.CheckConstraint(f"state IN ({_STATES})", name="abnormal_activities_state"),
        sa.CheckConstraint(f"reason IN ({_REASONS})", name="abnormal_activities_reason"),
        sa.CheckConstraint("decided_by <> proposed_by OR state <> 'dismissed'", name="abnormal_activities_two_persons"),
    )
    op.create_index("abnormal_activities_by_detection", "abnormal_activities", ["detected_at", "lead_id"])
    op.create_index("abnormal_activities_by_customer", "abnormal_activities", ["customer_id", "detected_at"])
    op.create_table(
        "abnormal_activity_steps",
        sa.Column("lead_id", sa.Uuid, sa.ForeignKey("abnormal_activities.lead_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        *_required(sa.Text(), "step"),
        *_required(_at, "happened_at", "known_at"),
        *_required(sa.Integer(), "count"),
        *_required(sa.BigInteger(), "minor"),
        *_optional(sa.Text(), "done_by", "reason"),
    )


def downgrade() -> None:
    for table in (
        "exchange_rates",
        "abnormal_activity_reads",
        "abnormal_activity_steps",
        "abnormal_activities",
        "activity_states",
    ):
        op.drop_table(table)
