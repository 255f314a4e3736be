"""Pairs of files that may be of one person, and who decided on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "customer_profile_0011"
down_revision = "customer_profile_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duplicate_pairs",
        sa.Column("pair_id", sa.Uuid, primary_key=True),
        sa.Column("file_a", sa.Text, nullable=False),
        sa.Column("file_b", sa.Text, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("evidence", JSONB, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint('file_a COLLATE "C" < file_b COLLATE "C"', name="duplicate_pairs_in_order"),
        sa.CheckConstraint("state IN ('open', 'accepted', 'dismissed')", name="duplicate_pairs_state"),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="duplicate_pairs_decided"),
    )
    op.create_index("duplicate_pairs_of_files", "duplicate_pairs", ["file_a", "file_b"], unique=True)
    op.create_index("duplicate_pairs_queue", "duplicate_pairs", ["state", "weight", "pair_id"])
    op.create_table(
        "duplicate_decisions",
        sa.Column("decision_id", sa.Uuid, primary_key=True),
        sa.Column("pair_id", sa.Uuid, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("evidence", JSONB, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("duplicate_decisions_by_pair", "duplicate_decisions", ["pair_id", "decision_id"])
    op.execute(
        "CREATE FUNCTION refuse_to_alter_duplicate_decisions() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'duplicate_decisions only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER duplicate_decisions_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON duplicate_decisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_duplicate_decisions()"
    )


def downgrade() -> None:
    op.drop_table("duplicate_decisions")
    op.execute("DROP FUNCTION refuse_to_alter_duplicate_decisions()")
    op.drop_table("duplicate_pairs")
