"""The copy of what customers allow, and with each decision which version of it was known.

Additive. Decisions of before are without it; workers of the release before go on and stamp none.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0019"
down_revision = "scoring_0018"
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
    op.add_column("decisions", sa.Column("consent_version", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("decisions", "consent_version")
    op.drop_table("consents")
