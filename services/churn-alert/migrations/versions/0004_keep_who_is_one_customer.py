"""The copy of which files are one customer, who is to be decided for an event on another file, alerts a merge closed.

Additive. Workers of the release before decide each file on its own. Taken back, an alert that a merge closed is one
that closed because the risk fell.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0004"
down_revision = "churn_alert_0003"
branch_labels = None
depends_on = None

_BEFORE = "'retained', 'lost', 'false-alarm', 'recovered'"


def upgrade() -> None:
    op.create_table(
        "merged_files",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("survivor", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("merged_files_by_survivor", "merged_files", ["survivor"])
    op.create_table(
        "person_due_times",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
    )
    op.create_index("person_due_times_by_time", "person_due_times", ["partition", "due_at"])
    op.create_index("person_due_times_by_customer", "person_due_times", ["customer_id"])
    _outcomes(f"{_BEFORE}, 'merged'")


def downgrade() -> None:
    op.execute("UPDATE alerts SET outcome = 'recovered' WHERE outcome = 'merged'")
    _outcomes(_BEFORE)
    op.drop_table("person_due_times")
    op.drop_table("merged_files")


def _outcomes(allowed: str) -> None:
    op.drop_constraint("alerts_outcome", "alerts")
    op.create_check_constraint("alerts_outcome", "alerts", f"outcome IN ({allowed})")
