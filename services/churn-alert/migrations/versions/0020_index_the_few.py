"""Indexes of the few alerts that rest or are held out, which a list would be walked through for."""

from alembic import op

from rapport import online

revision = "churn_alert_0020"
down_revision = "churn_alert_0019"
branch_labels = None
depends_on = None

_FEW = {"alerts_snoozed": "snoozed_until IS NOT NULL", "alerts_held_out": "arm = 'held-out'"}


def upgrade() -> None:
    for name, condition in _FEW.items():
        online.create_index(name, "alerts", ["opened_at", "alert_id"], where=condition)


def downgrade() -> None:
    for name in _FEW:
        op.drop_index(name, "alerts")
