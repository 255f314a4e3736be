"""Who saw which field of whose identity in clear."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0018"
down_revision = "customer_profile_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unmaskings",
        sa.Column("unmasking_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute("CALL keep_in_sight('unmaskings')")
    op.execute(
        "CREATE FUNCTION refuse_to_alter_unmaskings() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'unmaskings only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER unmaskings_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON unmaskings "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_unmaskings()"
    )


def downgrade() -> None:
    op.drop_table("unmaskings")
    op.execute("DROP FUNCTION refuse_to_alter_unmaskings()")
