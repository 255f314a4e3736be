"""Customers' files with encrypted identity, their accounts, and who corrected what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "customer_profile_0001"
down_revision = None
branch_labels = ("customer_profile",)
depends_on = "delivery_0001"

_at = sa.DateTime(timezone=True)
_LOCKED = "C2, AES-256-GCM under the key of the customer"
_IDENTITY = ("full_name", "id_type", "id_number", "phone", "email", "address")


def upgrade() -> None:
    _create_profiles()
    _create_accounts()
    _create_changes()


def _create_profiles() -> None:
    op.create_table(
        "profiles",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("customer_class", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=True),
        sa.Column("relationship_manager", sa.Text, nullable=True),
        sa.Column("birth_year", sa.SmallInteger, nullable=True),
        sa.Column("age_band", sa.Text, nullable=False),
        sa.Column("gender", sa.Text, nullable=False),
        sa.Column("customer_since", sa.Date, nullable=False),
        *[sa.Column(field, sa.LargeBinary, nullable=True, comment=_LOCKED) for field in _IDENTITY],
        sa.Column("open_accounts", sa.Integer, nullable=False),
        sa.Column("corrected", JSONB, nullable=False),
        sa.Column("recorded_at", _at, nullable=False),
        sa.Column("recorded_id", sa.Uuid, nullable=False),
        sa.Column("as_of", _at, nullable=False),
        sa.Column("due_at", _at, nullable=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("profiles_by_unit", "profiles", ["unit", "customer_id"])
    op.create_index("profiles_by_relationship_manager", "profiles", ["relationship_manager", "customer_id"])
    op.create_index("profiles_due", "profiles", ["partition", "due_at"])


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date, nullable=True),
        sa.Column("balance_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("as_of", _at, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
    )


def _create_changes() -> None:
    op.create_table(
        "customer_changes",
        sa.Column("change_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("fields", ARRAY(sa.Text), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", _at, nullable=False),
    )
    op.create_index("customer_changes_by_customer", "customer_changes", ["customer_id", "change_id"])
    # The application role may write every table; this one only grows, whoever asks.
    op.execute(
        "CREATE FUNCTION refuse_to_alter_changes() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'customer_changes only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER customer_changes_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON customer_changes "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_changes()"
    )


def downgrade() -> None:
    for table in ("customer_changes", "accounts", "profiles"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_to_alter_changes()")
