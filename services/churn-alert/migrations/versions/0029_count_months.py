"""Months of the bank are counted: who stayed, and what became of the alerts of each.

Additive. The first upkeep counts all months since the first change of stage; processes of the release before do not
know it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from rapport import online

revision = "churn_alert_0029"
down_revision = "churn_alert_0028"
branch_labels = None
depends_on = None

_DIVISION = "division IN ('all', 'stage', 'tier', 'segment', 'channel')"


def _key() -> list[sa.Column[Any]]:
    types = {"month": sa.Date, "division": sa.Text, "name": sa.Text}
    return [sa.Column(name, of, primary_key=True) for name, of in types.items()]


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "retention_months",
        *_key(),
        sa.Column("revision", sa.Integer, primary_key=True),
        *_counts("began", "kept", "lost", "won_back", "joined"),
        sa.Column("known_until", at, nullable=False),
        sa.Column("counted_at", at, nullable=False),
        sa.CheckConstraint(_DIVISION, name="retention_months_division"),
        sa.CheckConstraint("began = kept + lost", name="retention_months_balance"),
        sa.CheckConstraint("least(began, kept, lost, won_back, joined) >= 0", name="retention_months_counts"),
        if_not_exists=True,
    )
    op.create_table(
        "retention_alerts",
        *_key(),
        *_counts("alerts", "treated", "judged", "stayed"),
        sa.Column("counted_at", at, nullable=False),
        sa.CheckConstraint(_DIVISION, name="retention_alerts_division"),
        if_not_exists=True,
    )
    op.create_table(
        "retention_looks",
        sa.Column("key", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("known_until", at, nullable=False),
        sa.CheckConstraint("key = 1", name="retention_looks_one"),
        if_not_exists=True,
    )
    op.execute("INSERT INTO retention_looks VALUES (1, '1970-01-01T00:00:00Z') ON CONFLICT DO NOTHING")
    online.create_index("lifecycle_transitions_by_knowing", "lifecycle_transitions", ["known_at"])


def downgrade() -> None:
    op.drop_index("lifecycle_transitions_by_knowing", "lifecycle_transitions")
    op.drop_table("retention_looks")
    op.drop_table("retention_alerts")
    op.drop_table("retention_months")
