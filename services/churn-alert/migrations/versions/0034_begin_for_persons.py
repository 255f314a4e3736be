"""What comes on a file that is merged into another begins its playbook for the person.

Additive: a table that processes of the release before neither fill nor read.
"""

import sqlalchemy as sa
from alembic import op

from rapport import online

revision = "churn_alert_0034"
down_revision = "churn_alert_0033"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "asked_occasions",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("due_at", _at, nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("since", _at, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("product", sa.Text),
        if_not_exists=True,
    )
    op.create_index("asked_occasions_by_due_time", "asked_occasions", ["partition", "due_at"], if_not_exists=True)
    op.create_index("asked_occasions_by_customer", "asked_occasions", ["customer_id"], if_not_exists=True)


def downgrade() -> None:
    online.demand_empty("asked_occasions", "occasions that are still to begin")
    op.drop_table("asked_occasions")
