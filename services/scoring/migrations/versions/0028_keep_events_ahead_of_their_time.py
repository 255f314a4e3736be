"""Events that are dated ahead wait for their time.

Additive: processes of the release before count them at once, as they did, and leave the table empty.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from rapport import online

revision = "scoring_0028"
down_revision = "scoring_0027"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "events_ahead",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("due_at", _at, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("told_at", _at, nullable=False),
        sa.Column("document", JSONB, nullable=False),
    )
    op.create_index("events_ahead_by_time", "events_ahead", ["partition", "due_at"])
    op.create_index("events_ahead_by_customer", "events_ahead", ["customer_id"])


def downgrade() -> None:
    online.demand_empty("events_ahead", "events that wait for their time")
    op.drop_table("events_ahead")
