"""Alerts have an owner, say what was known of the customer and what is done about them, and change by silence.

Additive. Processes of the release before neither fill nor read any of it; an alert that they open has its timer once
the first process of this release changes it. A customer's tier is a copy, filled as `tier-changed` is heard from its
beginning.

Taken back, what is to be done about each alert, and the arm that was drawn for it, is put aside, and comes back with
the next migration upwards: who was drawn once stays in the same arm. It goes with the alert it is of.
"""

import sqlalchemy as sa
from alembic import op

from rapport import online

revision = "churn_alert_0009"
down_revision = "churn_alert_0008"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_ADDED = (
    ("owner", sa.Text),
    ("tier", sa.Text),
    ("stage", sa.Text),
    ("playbook", sa.Text),
    ("playbook_version", sa.Integer),
    ("arm", sa.Text),
    ("snoozed_until", _at),
    ("partition", sa.SmallInteger),
    ("due_at", _at),
)
_DRAWN = ("drawn_arms", "alerts", "alert_id", "playbook, playbook_version, arm")


def upgrade() -> None:
    op.create_table(
        "tiers",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("decided_at", _at, nullable=False),
        sa.Column("rank", sa.SmallInteger),
        if_not_exists=True,
    )
    for name, kind in _ADDED:
        op.add_column("alerts", sa.Column(name, kind), if_not_exists=True)
    escalation = sa.Column("escalation", sa.SmallInteger, nullable=False, server_default="0")
    op.add_column("alerts", escalation, if_not_exists=True)
    online.take_back(*_DRAWN)
    online.create_check("alerts_arm", "alerts", "arm IN ('treated', 'held-out')")
    online.create_index("alerts_by_due_time", "alerts", ["partition", "due_at"], where="due_at IS NOT NULL")


def downgrade() -> None:
    online.put_aside(*_DRAWN, where="playbook IS NOT NULL")
    op.drop_index("alerts_by_due_time", "alerts")
    op.drop_constraint("alerts_arm", "alerts")
    for name in ("escalation", *(name for name, _ in reversed(_ADDED))):
        op.drop_column("alerts", name)
    op.drop_table("tiers")
