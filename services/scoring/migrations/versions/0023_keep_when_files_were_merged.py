"""When each file was merged into which, and separated again: a history says since when it goes on elsewhere,
and a replay who was of several files by its end.

Additive. What was heard before is not dated.
"""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0023"
down_revision = "scoring_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_acts",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("survivor", sa.Text, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("file_acts")
