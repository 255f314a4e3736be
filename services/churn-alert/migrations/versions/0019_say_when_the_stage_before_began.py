"""Each change of stage says since when the stage before it was, so that a funnel of any day is counted without a sort.

Additive; filled for the changes that are there.
"""

import sqlalchemy as sa
from alembic import op

from rapport import online

revision = "churn_alert_0019"
down_revision = "churn_alert_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("previous_since", sa.DateTime(timezone=True))
    op.add_column("lifecycle_transitions", column, if_not_exists=True)
    before = (
        "(SELECT b.happened_at FROM lifecycle_transitions b "
        "WHERE b.customer_id = t.customer_id AND b.revision = t.revision - 1)"
    )
    where = f"t.previous_since IS NULL AND {before} IS NOT NULL"
    online.backfill("lifecycle_transitions", "customer_id", {"previous_since": before}, where=where, kind="text")


def downgrade() -> None:
    op.drop_column("lifecycle_transitions", "previous_since")
