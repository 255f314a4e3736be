"""How often each alert was let rest; and an index by which a manager finds what was handed over.

Additive: a process of the release before leaves the count as it is, and writes none.
"""

import sqlalchemy as sa
from alembic import op

from rapport import online

revision = "churn_alert_0025"
down_revision = "churn_alert_0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    snoozes = sa.Column("snoozes", sa.SmallInteger, nullable=False, server_default="0")
    op.add_column("alerts", snoozes, if_not_exists=True)
    columns = ["assignee", "opened_at", "intervention_id"]
    online.create_index("interventions_given", "interventions", columns, where="status NOT IN ('done', 'cancelled')")


def downgrade() -> None:
    op.drop_index("interventions_given", "interventions")
    op.drop_column("alerts", "snoozes")
