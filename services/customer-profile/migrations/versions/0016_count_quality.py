"""How good the data is by source and attribute over time, and the faults that a steward works off."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0016"
down_revision = "customer_profile_0015"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "quality_counts",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("attribute", sa.Text, primary_key=True),
        sa.Column("dimension", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, primary_key=True),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("faults", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "quality_issues",
        sa.Column("issue_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("attribute", sa.Text, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=True),
        sa.Column("outcome", sa.Text, nullable=True),
        sa.Column("note", sa.Text, nullable=True),
        sa.Column("first_seen_at", _at, nullable=False),
        sa.Column("last_seen_at", _at, nullable=False),
        sa.Column("changed_at", _at, nullable=False),
        sa.UniqueConstraint("customer_id", "attribute", "fault", name="quality_issues_by_fault"),
    )
    op.create_index("quality_issues_by_state", "quality_issues", ["state", "issue_id"])


def downgrade() -> None:
    op.drop_table("quality_issues")
    op.drop_table("quality_counts")
