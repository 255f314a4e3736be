"""Alerts say which kind of customer they are about: a copy of what scoring tells of segments, and a column beside.

Additive. Processes of the release before neither fill nor read any of it; alerts opened by them have no segment.
"""

import sqlalchemy as sa
from alembic import op

from rapport import online

revision = "churn_alert_0023"
down_revision = "churn_alert_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("segment", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.add_column("alerts", sa.Column("segment", sa.Text), if_not_exists=True)
    online.create_index("alerts_by_segment", "alerts", ["segment", "opened_at", "alert_id"])


def downgrade() -> None:
    op.drop_index("alerts_by_segment", "alerts")
    op.drop_column("alerts", "segment")
    op.drop_table("segments")
