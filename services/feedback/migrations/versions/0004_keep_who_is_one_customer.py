"""The copy of which files are one customer.

Additive. Workers of the release before go by each file's own tier.
"""

import sqlalchemy as sa
from alembic import op

revision = "feedback_0004"
down_revision = "feedback_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merged_files",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("survivor", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("merged_files_by_survivor", "merged_files", ["survivor"])


def downgrade() -> None:
    op.drop_table("merged_files")
