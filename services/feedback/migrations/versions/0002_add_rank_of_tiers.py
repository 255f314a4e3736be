"""The copy of a customer's tier keeps its place in the ladder, for ladders whose top is not called high."""

import sqlalchemy as sa
from alembic import op

revision = "feedback_0002"
down_revision = "feedback_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tiers", sa.Column("rank", sa.SmallInteger))


def downgrade() -> None:
    op.drop_column("tiers", "rank")
