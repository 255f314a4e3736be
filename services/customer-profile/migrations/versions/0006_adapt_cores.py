"""Whose account it is, what was told of the postings of cores that do not speak the contract, and what was wrong."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0006"
down_revision = "customer_profile_0005"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "account_holders",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=True),
        sa.Column("as_of", _at, nullable=True),
    )
    # Of accounts heard before, the last word is what is left; parked ones are heard when their customer is.
    op.execute(
        "INSERT INTO account_holders SELECT DISTINCT ON (account_id) account_id, customer_id, as_of FROM accounts "
        "ORDER BY account_id, as_of, customer_id"
    )
    _create_postings()
    _create_days_and_faults()


def _create_postings() -> None:
    op.create_table(
        "core_postings",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("transaction_no", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("amount", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("balance_after", sa.Text, nullable=True),
        sa.Column("occurred_at", _at, nullable=False),
        sa.Column("reverses", sa.Text, nullable=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("core_postings_by_time", "core_postings", ["source", "occurred_at"])


def _create_days_and_faults() -> None:
    op.create_table(
        "core_days",
        sa.Column("tells", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, primary_key=True),
        sa.Column("closed_at", _at, nullable=False),
        sa.Column("business_date", sa.Date, nullable=False),
    )
    op.create_table(
        "core_faults",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, primary_key=True),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("fault", sa.Text, primary_key=True),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("last_at", _at, nullable=False),
    )


def downgrade() -> None:
    for table in ("core_faults", "core_days", "core_postings", "account_holders"):
        op.drop_table(table)
