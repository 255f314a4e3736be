"""The copy of what customers allow, and with each line of a case which version of it was known.

Additive. What is there is without it; workers of the release before go on and stamp none.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "feedback_0003"
down_revision = "feedback_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("purposes", JSONB, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("case_events", sa.Column("consent_version", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("case_events", "consent_version")
    op.drop_table("consents")
