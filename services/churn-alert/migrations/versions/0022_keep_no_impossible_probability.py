"""Alerts keep no probability and no threshold that cannot be one, as risks and crossings do not."""

from alembic import op

from rapport import online

revision = "churn_alert_0022"
down_revision = "churn_alert_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    online.create_check("alerts_probability", "alerts", "probability BETWEEN 0 AND 1 AND threshold BETWEEN 0 AND 1")


def downgrade() -> None:
    op.drop_constraint("alerts_probability", "alerts")
