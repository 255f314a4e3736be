"""The models by which customers are valued are kept, every version as it was fitted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0005"
down_revision = "scoring_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lifetime_models",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    )
    # The application role may write every table; this one only grows, whoever asks.
    op.execute(
        "CREATE FUNCTION refuse_to_alter_models() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'lifetime_models only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER lifetime_models_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON lifetime_models "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_models()"
    )


def downgrade() -> None:
    op.drop_table("lifetime_models")
    op.execute("DROP FUNCTION refuse_to_alter_models()")
