"""The ledger of merges, which only grows, the queue of proposals, and who is one person."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0013"
down_revision = "customer_profile_0012"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "merge_acts",
        sa.Column("act_id", sa.Uuid, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("survivor", sa.Text, nullable=False),
        sa.Column("merged", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("evidence_kind", sa.Text),
        sa.Column("evidence_digest", sa.Text),
        sa.Column("proposed_by", sa.Text),
        sa.Column("decided_by", sa.Text),
        sa.Column("at", _at, nullable=False),
        sa.Column("recorded_at", _at, nullable=False),
        sa.UniqueConstraint("revision", name="merge_acts_revision"),
        sa.CheckConstraint("kind IN ('merge', 'unmerge')", name="merge_acts_kind"),
        sa.CheckConstraint("survivor <> merged", name="merge_acts_two_files"),
        sa.CheckConstraint("decided_by <> proposed_by", name="merge_acts_two_people"),
    )
    op.create_index("merge_acts_by_survivor", "merge_acts", ["survivor"])
    op.create_index("merge_acts_by_merged", "merge_acts", ["merged"])
    op.create_table(
        "merge_proposals",
        sa.Column("merge_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("survivor", sa.Text, nullable=False),
        sa.Column("merged", sa.Text, nullable=False),
        sa.Column("undoes", sa.Uuid),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("evidence_kind", sa.Text),
        sa.Column("evidence_digest", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", _at, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", _at),
        sa.CheckConstraint("(kind = 'unmerge') = (undoes IS NOT NULL)", name="merge_proposals_undoes"),
        sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="merge_proposals_decided"),
        sa.CheckConstraint("decided_by <> proposed_by", name="merge_proposals_two_people"),
    )
    op.create_index("merge_proposals_by_state", "merge_proposals", ["state", "merge_id"])
    op.create_index("merge_proposals_by_survivor", "merge_proposals", ["survivor"])
    op.create_index("merge_proposals_by_merged", "merge_proposals", ["merged"])
    op.create_table(
        "merged_files",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("survivor", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("merged_files_by_survivor", "merged_files", ["survivor"])
    op.execute(
        "CREATE FUNCTION refuse_to_alter_merge_acts() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'merge_acts only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER merge_acts_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON merge_acts "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_merge_acts()"
    )


def downgrade() -> None:
    for table in ("merged_files", "merge_proposals", "merge_acts"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_to_alter_merge_acts()")
