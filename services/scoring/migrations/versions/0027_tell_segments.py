"""Which segment each customer is in as it was told, when each is looked at next, and how far a new model is brought.

Additive. Processes of the release before place nobody; the first of this release brings the latest model to the book.
"""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0027"
down_revision = "scoring_0026"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "customer_segments",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("due_at", _at, nullable=False),
        sa.Column("segment", sa.Text),
        sa.Column("old_segment", sa.Text),
        sa.Column("since", _at),
        sa.Column("segments_version", sa.Integer),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("customer_segments_by_due_time", "customer_segments", ["partition", "due_at"])
    op.create_table(
        "segment_runs",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("told_up_to", sa.Text, nullable=False),
        sa.Column("finished_at", _at),
    )


def downgrade() -> None:
    op.drop_table("segment_runs")
    op.drop_table("customer_segments")
