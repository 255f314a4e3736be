"""Alerts keep in which experiment their arm was drawn, so that it goes on over the versions of its playbooks.

Additive. What was drawn before has the name that its intervention kept; drawn without one, that of its playbook, which
is also what a process of the release before leaves out. Taken back, the names are put aside, and come back with the
next migration upwards.
"""

import sqlalchemy as sa
from alembic import op

from rapport import online

revision = "churn_alert_0024"
down_revision = "churn_alert_0023"
branch_labels = None
depends_on = None
_DRAWN = ("drawn_experiments", "alerts", "alert_id", "experiment")


def upgrade() -> None:
    op.add_column("alerts", sa.Column("experiment", sa.Text), if_not_exists=True)
    online.take_back(*_DRAWN)
    kept = "(SELECT i.experiment FROM interventions i WHERE i.alert_id = t.alert_id)"
    where = "t.arm IS NOT NULL AND t.experiment IS NULL"
    online.backfill("alerts", "alert_id", {"experiment": f"coalesce({kept}, t.playbook)"}, where=where)


def downgrade() -> None:
    online.put_aside(*_DRAWN, where="experiment IS NOT NULL")
    op.drop_column("alerts", "experiment")
