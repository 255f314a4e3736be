"""Why an event that is dated ahead could not be handled when its time came, for whoever looks at it.

Additive: processes of the release before set aside without a reason.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0037"
down_revision = "churn_alert_0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events_ahead", sa.Column("reason", sa.Text))


def downgrade() -> None:
    op.drop_column("events_ahead", "reason")
