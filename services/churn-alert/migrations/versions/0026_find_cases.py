"""An index of the closed alerts by when they were closed: what cases are listed and compared by."""

from alembic import op

from rapport import online

revision = "churn_alert_0026"
down_revision = "churn_alert_0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    online.create_index("alerts_closed", "alerts", ["closed_at", "alert_id"], where="status = 'closed'")


def downgrade() -> None:
    op.drop_index("alerts_closed", "alerts")
