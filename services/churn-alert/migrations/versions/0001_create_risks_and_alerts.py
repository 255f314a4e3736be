"""Risks with their crossings, and alerts with their history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "churn_alert_0001"
down_revision = None
branch_labels = ("churn_alert",)
depends_on = "delivery_0001"

_at = sa.DateTime(timezone=True)
_SUMS = ("own", "uses", "inflow", "inflow_squares", "net_flow", "negatives")
_HALF_LIVES = (7, 30, 90, 365)


def _required(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _optional(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind) for name in names]


def upgrade() -> None:
    op.create_table(
        "risks",
        sa.Column("customer_id", sa.Text, primary_key=True),
        *_required(sa.SmallInteger(), "partition"),
        *_required(sa.Integer(), "own_transactions", "channel_uses", "negative_feedbacks"),
        *_optional(_at, "sums_as_of"),
        *_required(sa.Double(), *(f"{name}_{days}d" for name in _SUMS for days in _HALF_LIVES)),
        *_optional(sa.Date(), "active_days_from"),
        *_optional(sa.LargeBinary(), "active_days"),
        *_optional(_at, "first_event_at", "last_activity_at"),
        *_required(sa.Boolean(), "is_raised"),
        *_optional(_at, "level_since"),
        *_optional(sa.Double(), "probability"),
        *_optional(_at, "decided_at"),
        *_required(sa.Integer(), "model_version"),
        *_optional(_at, "due_at"),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name="risks_probability"),
        # Every event writes its customer's row.
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("risks_by_due_time", "risks", ["partition", "due_at"])
    op.create_index("risks_raised", "risks", ["customer_id"], postgresql_where=sa.text("is_raised"))
    op.create_table(
        "risk_crossings",
        sa.Column("crossing_id", sa.Uuid, primary_key=True),
        *_required(sa.Text(), "customer_id", "direction", "cause"),
        *_required(sa.Double(), "probability", "threshold"),
        *_required(JSONB(), "indicators"),
        *_required(sa.Integer(), "model_version"),
        *_required(_at, "crossed_at", "known_at"),
        sa.CheckConstraint("direction IN ('up', 'down')", name="risk_crossings_direction"),
        sa.CheckConstraint("cause IN ('event', 'silence')", name="risk_crossings_cause"),
    )
    op.create_index("risk_crossings_by_customer", "risk_crossings", ["customer_id", "crossed_at", "crossing_id"])
    _create_alerts()


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Uuid, primary_key=True),
        *_required(sa.Text(), "customer_id", "status", "severity", "cause"),
        *_required(sa.Double(), "probability", "threshold"),
        *_required(JSONB(), "indicators"),
        *_required(sa.Integer(), "model_version", "horizon_days"),
        *_required(sa.Uuid(), "crossing_id"),
        *_required(_at, "opened_at"),
        *_optional(_at, "acknowledged_at"),
        *_optional(sa.Text(), "acknowledged_by"),
        *_optional(_at, "closed_at"),
        *_optional(sa.Text(), "closed_by", "outcome"),
        *_required(sa.Integer(), "revision"),
        sa.CheckConstraint("status IN ('opened', 'acknowledged', 'closed')", name="alerts_status"),
        sa.CheckConstraint("severity IN ('low', 'medium', 'high')", name="alerts_severity"),
        sa.CheckConstraint("outcome IN ('retained', 'lost', 'false-alarm', 'recovered')", name="alerts_outcome"),
        sa.CheckConstraint(
            "(status = 'closed') = (outcome IS NOT NULL AND closed_at IS NOT NULL)", name="alerts_closed"
        ),
    )
    is_open = sa.text("status <> 'closed'")
    op.create_index("alerts_one_open", "alerts", ["customer_id"], unique=True, postgresql_where=is_open)
    op.create_index("alerts_by_customer", "alerts", ["customer_id", "opened_at"])
    op.create_index("alerts_by_opening", "alerts", ["opened_at", "alert_id"])
    op.create_table(
        "alert_events",
        sa.Column("alert_id", sa.Uuid, sa.ForeignKey("alerts.alert_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        *_required(sa.Text(), "step"),
        *_required(_at, "happened_at", "known_at"),
        *_optional(sa.Text(), "done_by", "outcome"),
        sa.CheckConstraint(
            "step IN ('opened', 'acknowledged', 'risk-fell', 'risk-rose', 'closed')", name="alert_events_step"
        ),
    )


def downgrade() -> None:
    # What later migrations put aside when they are taken back goes with the alerts it is of.
    op.execute("DROP TABLE IF EXISTS drawn_arms, drawn_experiments")
    for table in ("alert_events", "alerts", "risk_crossings", "risks"):
        op.drop_table(table)
