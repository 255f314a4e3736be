"""Whose consent to care was to words that told nothing of feedback.

Additive. Workers of the release before go on counting feedback. Taken back, the feedback of all counts again.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0006"
down_revision = "churn_alert_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("risks", sa.Column("without_feedback", sa.Boolean, nullable=False, server_default="false"))


def downgrade() -> None:
    op.drop_column("risks", "without_feedback")
