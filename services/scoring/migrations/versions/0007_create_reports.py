"""Snapshots of the book for drift, the copy of customers' groups, and what was counted by them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0007"
down_revision = "scoring_0006"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def _required(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "book_snapshots",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("due_at", _at, primary_key=True),
        *_required(sa.Integer(), "customers"),
        *_required(sa.Text(), "counted_up_to"),
        sa.Column("finished_at", _at),
        *_required(JSONB(), "features", "points", "tiers"),
    )
    op.create_index("book_snapshots_by_time", "book_snapshots", ["due_at", "version"])
    op.create_table(
        "customer_groups",
        sa.Column("customer_id", sa.Text, primary_key=True),
        *_required(sa.Text(), "age_band", "gender", "region", "status"),
        *_required(sa.BigInteger(), "revision"),
    )
    op.create_table(
        "group_counts",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("due_at", _at, primary_key=True),
        sa.Column("attribute", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        *_required(sa.Text(), "top_tier"),
        *_required(JSONB(), "tiers"),
        *_required(sa.Integer(), "falls", "false_falls"),
    )


def downgrade() -> None:
    for table in ("group_counts", "customer_groups", "book_snapshots"):
        op.drop_table(table)
