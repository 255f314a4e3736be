"""What silence decides of who stays is kept beside the due time: the wide row need not be written for it.

Additive. A worker of the release before goes on, but reads points and moment of what silence decided as they were
before, so all are replaced at once. Down: both go back into the wide row.
"""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0018"
down_revision = "scoring_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("due_times", sa.Column("points", sa.Integer))
    op.add_column("due_times", sa.Column("decided_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.execute("LOCK TABLE standings, due_times IN ACCESS EXCLUSIVE MODE")
    op.execute(
        "UPDATE standings s SET points = d.points, decided_at = d.decided_at FROM due_times d "
        "WHERE d.customer_id = s.customer_id AND d.decided_at IS NOT NULL"
    )
    op.drop_column("due_times", "decided_at")
    op.drop_column("due_times", "points")
