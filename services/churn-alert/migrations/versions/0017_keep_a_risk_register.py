"""The risk register with its history, and how far each customer's holdings are known.

Additive. Entries of credit risk open as `holding-changed` is heard from its beginning.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0017"
down_revision = "churn_alert_0016"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_SEVERITIES = "'low', 'medium', 'high'"
_OUTCOMES = "'mitigated', 'accepted', 'transferred', 'materialised', 'unfounded', 'over'"
_STEPS = "'opened', 'severity-changed', 'seen-again', 'over', 'assigned', 'closed'"


def upgrade() -> None:
    op.create_table(
        "risk_entries",
        sa.Column("entry_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Text),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("rule_version", sa.Integer),
        sa.Column("opened_by", sa.Text),
        sa.Column("opened_at", _at, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("closed_at", _at),
        sa.Column("closed_by", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.CheckConstraint("kind IN ('credit', 'operational', 'market', 'legal')", name="risk_entries_kind"),
        sa.CheckConstraint(f"severity IN ({_SEVERITIES})", name="risk_entries_severity"),
        sa.CheckConstraint("status IN ('open', 'in-treatment', 'closed')", name="risk_entries_status"),
        sa.CheckConstraint(f"outcome IN ({_OUTCOMES})", name="risk_entries_outcome"),
        sa.CheckConstraint(
            "(status = 'closed') = (outcome IS NOT NULL AND closed_at IS NOT NULL)", name="risk_entries_closed"
        ),
    )
    is_open_by_rule = sa.text("status <> 'closed' AND rule_version IS NOT NULL")
    op.create_index(
        "risk_entries_one_open_by_rule",
        "risk_entries",
        ["customer_id", "cause"],
        unique=True,
        postgresql_where=is_open_by_rule,
    )
    op.create_index("risk_entries_by_opening", "risk_entries", ["opened_at", "entry_id"])
    op.create_index("risk_entries_by_customer", "risk_entries", ["customer_id", "opened_at"])
    op.create_table(
        "risk_entry_steps",
        sa.Column("entry_id", sa.Uuid, sa.ForeignKey("risk_entries.entry_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("happened_at", _at, nullable=False),
        sa.Column("known_at", _at, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("done_by", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.CheckConstraint(f"step IN ({_STEPS})", name="risk_entry_steps_step"),
    )
    op.create_table(
        "holdings_heard",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("holdings_heard", "risk_entry_steps", "risk_entries"):
        op.drop_table(table)
