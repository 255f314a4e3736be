"""The models by which customers are told apart in segments are kept, every version as it was fitted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0009"
down_revision = "scoring_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segment_models",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    )
    # The application role may write every table; this one only grows, whoever asks.
    op.execute(
        "CREATE FUNCTION refuse_to_alter_segments() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'segment_models only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER segment_models_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON segment_models "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_segments()"
    )


def downgrade() -> None:
    op.drop_table("segment_models")
    op.execute("DROP FUNCTION refuse_to_alter_segments()")
