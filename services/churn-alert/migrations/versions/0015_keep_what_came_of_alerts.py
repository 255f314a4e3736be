"""What came of each alert, once its window is over.

Additive. It fills with the first upkeep, for alerts of before too; processes of the release before do not know it.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0015"
down_revision = "churn_alert_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_outcomes",
        sa.Column("alert_id", sa.Uuid, sa.ForeignKey("alerts.alert_id"), primary_key=True),
        sa.Column("warned_on", sa.Date, nullable=False),
        sa.Column("gone_on", sa.Date),
        sa.Column("definition", sa.Integer, nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("alert_outcomes")
