"""What the others tell of a customer, and what was posted by month."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "customer_profile_0003"
down_revision = "customer_profile_0002"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "portrait_facts",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("as_of", _at, nullable=False),
        sa.Column("document", JSONB, nullable=False),
    )
    op.create_table(
        "portrait_months",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("as_of", _at, nullable=False),
        sa.Column("entries", JSONB, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("portrait_months")
    op.drop_table("portrait_facts")
