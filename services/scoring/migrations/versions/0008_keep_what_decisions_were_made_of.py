"""Of each decision the values to the bit, the hash of the state behind them, and the event that caused it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0008"
down_revision = "scoring_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decisions", sa.Column("values", JSONB))
    op.add_column("decisions", sa.Column("below_since", sa.DateTime(timezone=True)))
    op.add_column("decisions", sa.Column("state_hash", sa.Text))
    op.add_column("decisions", sa.Column("cause_event_id", sa.Uuid))


def downgrade() -> None:
    for name in ("cause_event_id", "state_hash", "below_since", "values"):
        op.drop_column("decisions", name)
