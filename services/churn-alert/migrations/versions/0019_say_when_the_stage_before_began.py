"""Each change of stage says since when the stage before it was, so that a funnel of any day is counted without a sort.

Additive; filled for the changes that are there.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0019"
down_revision = "churn_alert_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lifecycle_transitions", sa.Column("previous_since", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE lifecycle_transitions t SET previous_since = before.happened_at FROM lifecycle_transitions before "
        "WHERE before.customer_id = t.customer_id AND before.revision = t.revision - 1"
    )


def downgrade() -> None:
    op.drop_column("lifecycle_transitions", "previous_since")
