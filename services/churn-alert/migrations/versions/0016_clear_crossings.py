"""A crossing that late events show to be untrue is cleared by another: what each was decided on is kept for it.

Additive. Of crossings before this release it is not known what they were decided on: they stand. Taken back, what
cleared another is a crossing of its own.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from rapport import online

revision = "churn_alert_0016"
down_revision = "churn_alert_0015"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "crossed_states",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("crossing_id", sa.Uuid, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("crossed_at", _at, nullable=False),
        sa.Column("level_since", _at),
        sa.Column("model_version", sa.Integer, nullable=False),
        sa.Column("state", JSONB, nullable=False),
        sa.CheckConstraint("direction IN ('up', 'down')", name="crossed_states_direction"),
        if_not_exists=True,
    )
    op.add_column("risk_crossings", sa.Column("clears", sa.Uuid), if_not_exists=True)
    online.create_index("risk_crossings_cleared", "risk_crossings", ["clears"], unique=True, where="clears IS NOT NULL")


def downgrade() -> None:
    op.drop_index("risk_crossings_cleared", "risk_crossings")
    op.drop_column("risk_crossings", "clears")
    op.drop_table("crossed_states")
