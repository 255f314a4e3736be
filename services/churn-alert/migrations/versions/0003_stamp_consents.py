"""The copy of what customers allow, and with each crossing and each step of an alert which version of it was known.

Additive. What is there is without it; workers of the release before go on and stamp none.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "churn_alert_0003"
down_revision = "churn_alert_0002"
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
    op.add_column("risk_crossings", sa.Column("consent_version", sa.BigInteger))
    op.add_column("alert_events", sa.Column("consent_version", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("alert_events", "consent_version")
    op.drop_column("risk_crossings", "consent_version")
    op.drop_table("consents")
