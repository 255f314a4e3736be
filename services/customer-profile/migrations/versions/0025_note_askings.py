"""Who asked a customer for a consent, when and with which words. Additive."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0025"
down_revision = "customer_profile_0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_askings",
        sa.Column("asking_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("notice_version", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("consent_askings_by_customer", "consent_askings", ["customer_id", "asking_id"])
    op.execute("CALL keep_in_sight('consent_askings')")
    op.execute(
        "CREATE FUNCTION refuse_to_alter_consent_askings() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'consent_askings only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER consent_askings_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_askings "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_consent_askings()"
    )


def downgrade() -> None:
    op.drop_table("consent_askings")
    op.execute("DROP FUNCTION refuse_to_alter_consent_askings()")
