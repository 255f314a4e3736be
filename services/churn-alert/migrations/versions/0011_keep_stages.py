"""In which stage of life with the bank each customer is, and every change of it with its rule and both its times.

Additive. Who was heard of before is in no stage until the next word of the customer; what the log still holds fills
accounts and profiles, each heard from its beginning.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "churn_alert_0011"
down_revision = "churn_alert_0010"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_STAGES = "('potential', 'new', 'mature', 'lost')"


def upgrade() -> None:
    op.create_table(
        "lifecycles",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("accounts", JSONB, nullable=False),
        sa.Column("known_from", _at),
        sa.Column("over_since", _at),
        sa.Column("unit", sa.Text),
        sa.Column("profile_revision", sa.BigInteger, nullable=False),
        sa.Column("stage", sa.Text),
        sa.Column("since", _at),
        sa.Column("rule", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("rules_version", sa.Integer, nullable=False),
        sa.Column("due_at", _at),
        sa.CheckConstraint(f"stage IN {_STAGES}", name="lifecycles_stage"),
        sa.CheckConstraint(
            "(stage IS NULL) = (since IS NULL) AND (stage IS NULL) = (rule IS NULL)", name="lifecycles_whole"
        ),
    )
    op.create_index("lifecycles_by_due_time", "lifecycles", ["partition", "due_at"])
    op.create_index("lifecycles_by_stage", "lifecycles", ["stage", "customer_id"])
    op.create_table(
        "lifecycle_transitions",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("previous", sa.Text),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("happened_at", _at, nullable=False),
        sa.Column("known_at", _at, nullable=False),
        sa.Column("rules_version", sa.Integer, nullable=False),
        sa.Column("consent_version", sa.BigInteger),
        sa.CheckConstraint(f"previous IN {_STAGES}", name="lifecycle_transitions_previous"),
        sa.CheckConstraint(f"stage IN {_STAGES}", name="lifecycle_transitions_stage"),
        sa.CheckConstraint("cause IN ('event', 'time')", name="lifecycle_transitions_cause"),
        sa.CheckConstraint("stage <> previous", name="lifecycle_transitions_change"),
    )
    op.create_index("lifecycle_transitions_by_time", "lifecycle_transitions", ["happened_at", "customer_id"])


def downgrade() -> None:
    op.drop_table("lifecycle_transitions")
    op.drop_table("lifecycles")
