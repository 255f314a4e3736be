"""Negative feedback that is told ahead of its time waits in its customer's row."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "churn_alert_0002"
down_revision = "churn_alert_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("risks", sa.Column("ahead", JSONB))


def downgrade() -> None:
    op.drop_column("risks", "ahead")
