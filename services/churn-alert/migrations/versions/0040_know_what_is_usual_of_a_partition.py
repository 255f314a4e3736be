"""What is usual of each partition of activity, and when it came again after a stop of its own.

Additive. Processes of the release before neither fill nor read it; what they hear meanwhile is not counted as usual.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0040"
down_revision = "churn_alert_0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activity_feeds", sa.Column("own_returned_at", sa.DateTime(timezone=True)), if_not_exists=True)
    op.add_column("activity_feeds", sa.Column("usual", sa.LargeBinary), if_not_exists=True)


def downgrade() -> None:
    for name in ("usual", "own_returned_at"):
        op.drop_column("activity_feeds", name)
