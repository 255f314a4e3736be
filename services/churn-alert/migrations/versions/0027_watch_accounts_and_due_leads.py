"""When each account was last acted on, what of a lead was told last, and when leads turn overdue by silence.

Additive. Accounts fill from what is heard after it, so none of them wakes before it has rested from then on. Leads of
before fall due by the days they had, at midnight in UTC; those that a process of before finds meanwhile are given their
moment by upkeep.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from rapport import online

revision = "churn_alert_0027"
down_revision = "churn_alert_0026"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_LEADS = (("told", sa.BigInteger), ("partition", sa.SmallInteger), ("due_at", _at), ("overdue_at", _at))


def upgrade() -> None:
    accounts = sa.Column("accounts", JSONB, nullable=False, server_default=sa.text("'{}'"))
    op.add_column("activity_states", accounts, if_not_exists=True)
    for name, kind in _LEADS:
        op.add_column("abnormal_activities", sa.Column(name, kind), if_not_exists=True)
    partition = "(SELECT s.partition FROM activity_states s WHERE s.customer_id = t.customer_id)"
    online.backfill(
        "abnormal_activities",
        "lead_id",
        {"partition": partition, "due_at": "(t.due_on + 1)::timestamp AT TIME ZONE 'UTC'"},
        where="t.due_at IS NULL AND t.overdue_at IS NULL AND t.state IN ('open', 'dismissal-proposed') "
        f"AND {partition} IS NOT NULL",
    )
    due = ["partition", "due_at"]
    online.create_index("abnormal_activities_by_due", "abnormal_activities", due, where="due_at IS NOT NULL")
    undated = "due_at IS NULL AND overdue_at IS NULL AND state IN ('open', 'dismissal-proposed')"
    online.create_index("abnormal_activities_undated", "abnormal_activities", ["lead_id"], where=undated)


def downgrade() -> None:
    op.drop_index("abnormal_activities_undated", "abnormal_activities")
    op.drop_index("abnormal_activities_by_due", "abnormal_activities")
    for name, _ in reversed(_LEADS):
        op.drop_column("abnormal_activities", name)
    op.drop_column("activity_states", "accounts")
