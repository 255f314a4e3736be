"""The ledger of what customers consent to: it only grows, whoever asks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "customer_profile_0004"
down_revision = "customer_profile_0003"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "consent_acts",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("legal_basis", sa.Text, nullable=False),
        sa.Column("data_categories", ARRAY(sa.Text), nullable=False),
        sa.Column("notice_version", sa.Integer),
        sa.Column("notice_digest", sa.Text),
        sa.Column("separate_consent", sa.SmallInteger),
        sa.Column("is_separate", sa.Boolean, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("evidence_digest", sa.Text),
        sa.Column("occurred_at", _at, nullable=False),
        sa.Column("recorded_at", _at, nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.CheckConstraint("act IN ('granted', 'declined', 'withdrawn')", name="consent_acts_act"),
        sa.CheckConstraint("occurred_at <= recorded_at", name="consent_acts_not_in_the_future"),
        sa.CheckConstraint("act <> 'granted' OR evidence_digest IS NOT NULL", name="consent_acts_grant_has_evidence"),
        sa.CheckConstraint("(act = 'withdrawn') = (notice_digest IS NULL)", name="consent_acts_notice"),
    )
    op.execute(
        "CREATE FUNCTION refuse_to_alter_consent_acts() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'consent_acts only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER consent_acts_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_acts "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_consent_acts()"
    )


def downgrade() -> None:
    op.drop_table("consent_acts")
    op.execute("DROP FUNCTION refuse_to_alter_consent_acts()")
