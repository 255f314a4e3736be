"""Months are corrected a page at a time, counted without who cannot be decided, and know who was merged then.

Additive. Processes of the release before correct all months at once: where one does so while pages are left, each puts
in what became known at another time, and the sums are the same. A month that they count does not know who was merged.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0032"
down_revision = "churn_alert_0031"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_LOOKS = {
    "correcting_since": _at,
    "correcting_month": sa.Date,
    "correcting_before": sa.Date,
    "held_since": _at,
    "held_before": _at,
}


def upgrade() -> None:
    for name, kind in _LOOKS.items():
        op.add_column("retention_looks", sa.Column(name, kind), if_not_exists=True)
    known = sa.Column("knows_merged", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("retention_months", known, if_not_exists=True)
    op.create_table(
        "retention_left_out",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("month", sa.Date, primary_key=True),
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("retention_left_out")
    op.drop_column("retention_months", "knows_merged")
    for name in _LOOKS:
        op.drop_column("retention_looks", name)
