"""Of whom a rule that counts days without own activity would have warned, and what came of each warning.

Additive: processes of the release before note nothing, and the first that does begins with the first month.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0038"
down_revision = "churn_alert_0037"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "recency_months", sa.Column("month", sa.Date, primary_key=True), sa.Column("noted_at", _at, nullable=False)
    )
    op.create_table(
        "recency_warnings",
        sa.Column("warning_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("opened_at", _at, nullable=False),
        sa.Column("after_days", sa.Integer, nullable=False),
        sa.Column("tier", sa.Text),
        sa.Column("stage", sa.Text),
        sa.Column("segment", sa.Text),
    )
    op.create_index("recency_warnings_by_customer", "recency_warnings", ["customer_id", "opened_at"], unique=True)
    op.create_index("recency_warnings_by_opening", "recency_warnings", ["opened_at"])
    op.create_table(
        "recency_outcomes",
        sa.Column("warning_id", sa.Uuid, sa.ForeignKey("recency_warnings.warning_id"), primary_key=True),
        sa.Column("warned_on", sa.Date, nullable=False),
        sa.Column("gone_on", sa.Date),
        sa.Column("left_on", sa.Date),
        sa.Column("told_on", sa.Date),
        sa.Column("alerted_on", sa.Date),
        sa.Column("arm", sa.Text),
        sa.Column("definition", sa.Integer, nullable=False),
        sa.Column("judged_at", _at, nullable=False),
        sa.CheckConstraint("arm IN ('treated', 'held-out', 'none')", name="recency_outcomes_arm"),
        sa.CheckConstraint("(left_on IS NULL) = (told_on IS NULL)", name="recency_outcomes_told"),
    )


def downgrade() -> None:
    op.drop_table("recency_outcomes")
    op.drop_table("recency_warnings")
    op.drop_table("recency_months")
