"""Due times in a narrow table of their own: deciding a customer again no longer moves the wide row in any index.

Nobody reads or writes standings meanwhile. Workers and requests of the release before fail on the new tables and try
again, so they are stopped first, or replaced at once: no event is lost or set aside. Both directions keep every due
time.
"""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0015"
down_revision = "scoring_0014"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Before the first look: what a worker of the release before commits while this waits is to be copied too.
    op.execute("LOCK TABLE standings IN ACCESS EXCLUSIVE MODE")
    op.create_table(
        "due_times",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("due_at", _at, nullable=False),
    )
    op.execute("INSERT INTO due_times SELECT customer_id, partition, due_at FROM standings ORDER BY customer_id")
    op.create_index("due_times_by_time", "due_times", ["partition", "due_at"])
    op.drop_column("standings", "due_at")


def downgrade() -> None:
    op.execute("LOCK TABLE standings, due_times IN ACCESS EXCLUSIVE MODE")
    op.add_column("standings", sa.Column("due_at", _at))
    op.execute("UPDATE standings s SET due_at = d.due_at FROM due_times d WHERE d.customer_id = s.customer_id")
    # One without is decided at once by who comes after.
    op.execute("UPDATE standings SET due_at = decided_at WHERE due_at IS NULL")
    op.alter_column("standings", "due_at", nullable=False)
    op.create_index("standings_by_due_time", "standings", ["partition", "due_at"])
    op.drop_table("due_times")
