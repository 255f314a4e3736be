"""An index of the steps that are an act for a customer: the time until the first one is counted from it alone."""

from alembic import op

from rapport import online

revision = "churn_alert_0035"
down_revision = "churn_alert_0034"
branch_labels = None
depends_on = None

_IS_ACT = "move IN ('task-done', 'delivered')"


def upgrade() -> None:
    online.create_index("intervention_acts", "intervention_events", ["intervention_id", "happened_at"], where=_IS_ACT)


def downgrade() -> None:
    op.drop_index("intervention_acts", "intervention_events")
