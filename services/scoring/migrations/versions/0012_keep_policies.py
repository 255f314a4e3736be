"""Policies in versions, what people did to them, and how far classes of the whole book are noted by them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0012"
down_revision = "scoring_0011"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_REFUSE = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_what_people_did()"


def _required(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "class_runs",
        sa.Column("due_at", _at, primary_key=True),
        sa.Column("policy_version", sa.Integer, primary_key=True, autoincrement=False),
        *_required(sa.Text(), "noted_up_to"),
        sa.Column("finished_at", _at),
    )
    op.create_table(
        "policies",
        sa.Column("version", sa.Integer, primary_key=True),
        *_required(JSONB(), "document"),
        sa.Column("effective_from", _at),
        sa.Column("kept_at", _at, nullable=False, server_default=sa.func.now()),
        sa.Column("drafted_by", sa.Text),
        sa.Column("withdrawn_at", _at),
    )
    op.create_table(
        "policy_acts",
        sa.Column("act_id", sa.BigInteger, sa.Identity(), primary_key=True),
        *_required(sa.Integer(), "version"),
        *_required(sa.Text(), "act", "done_by"),
        *_required(_at, "done_at"),
        sa.Column("reason", sa.Text),
        *_required(JSONB(), "details"),
        sa.CheckConstraint("act IN ('drafted', 'approved', 'withdrawn')", name="policy_acts_act"),
    )
    op.create_index("policy_acts_by_version", "policy_acts", ["version", "act_id"])
    # The application role may write every table; what was in force, and who let it, is never altered.
    for table, update in (
        ("policy_acts", "UPDATE OR DELETE OR TRUNCATE"),
        ("policies", "UPDATE OF version, document OR DELETE OR TRUNCATE"),
    ):
        op.execute(f"CREATE TRIGGER {table}_only_grow BEFORE {update} ON {table} {_REFUSE}")


def downgrade() -> None:
    for table in ("policy_acts", "policies", "class_runs"):
        op.drop_table(table)
