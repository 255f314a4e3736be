"""Behaviour by stream, channel, product and account, and what is held.

Additive. It fills as `transaction-recorded`, `interaction-recorded` and `holding-changed` are heard from now on.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "churn_alert_0013"
down_revision = "churn_alert_0012"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_KEYS = ("customer_id", "stream", "channel", "product", "account_id")
_PACES = ("month", "quarter", "month_minor", "quarter_minor")


def upgrade() -> None:
    op.create_table(
        "behaviour_tallies",
        *(sa.Column(name, sa.Text, primary_key=True) for name in _KEYS),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.Column("first_at", _at, nullable=False),
        sa.Column("last_at", _at, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in _PACES),
        sa.CheckConstraint(
            "month + month_minor + quarter + quarter_minor BETWEEN -1e300 AND 1e300", name="behaviour_tallies_finite"
        ),
        # Every event writes a row of its customer.
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "customer_holdings",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("holdings", JSONB, nullable=False),
        sa.Column("holdings_revision", sa.BigInteger, nullable=False),
        sa.Column("holdings_as_of", _at, nullable=False),
        sa.Column("most_held", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for table in ("customer_holdings", "behaviour_tallies"):
        op.drop_table(table)
