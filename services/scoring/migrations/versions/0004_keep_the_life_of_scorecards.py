"""Scorecard versions are drafted, dry-run, approved and withdrawn: who did what when, and what a dry-run found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0004"
down_revision = "scoring_0003"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_ACTS = "act IN ('drafted', 'dry-run', 'approved', 'withdrawn')"


def _refuse(table: str, update: str, words: str) -> None:
    op.execute(
        f"CREATE FUNCTION refuse_to_alter_{table}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_never_altered BEFORE {update} OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_{table}()"
    )


def upgrade() -> None:
    op.alter_column("scorecards", "effective_from", nullable=True)
    op.add_column("scorecards", sa.Column("drafted_by", sa.Text))
    op.add_column("scorecards", sa.Column("withdrawn_at", _at))
    op.add_column("scorecards", sa.Column("reschedule_from", _at))
    op.add_column("scorecards", sa.Column("rescheduled_up_to", sa.Text))
    op.create_table(
        "scorecard_acts",
        sa.Column("act_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("done_by", sa.Text, nullable=False),
        sa.Column("done_at", _at, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("details", JSONB, nullable=False),
        sa.CheckConstraint(_ACTS, name="scorecard_acts_act"),
    )
    op.create_index("scorecard_acts_by_version", "scorecard_acts", ["version", "act_id"])
    # The application role may write every table; what decided, and who let it, is altered by nobody.
    _refuse("scorecard_acts", "UPDATE", "scorecard_acts only grows")
    _refuse("scorecards", "UPDATE OF version, document", "a version of a scorecard never changes")
    op.create_table(
        "scorecard_dry_runs",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("against", sa.Integer, nullable=False),
        sa.Column("requested_at", _at, nullable=False),
        sa.Column("finished_at", _at),
        sa.Column("scored_up_to", sa.Text, nullable=False),
        sa.Column("customers_total", sa.Integer, nullable=False),
        sa.Column("customers_done", sa.Integer, nullable=False),
        sa.Column("matrix", JSONB, nullable=False),
        sa.Column("points", JSONB, nullable=False),
    )


def downgrade() -> None:
    """Refused by the database as long as there is a version without a date, which the former version cannot read."""
    for table in ("scorecard_dry_runs", "scorecard_acts"):
        op.drop_table(table)
    op.execute("DROP TRIGGER scorecards_never_altered ON scorecards")
    for table in ("scorecard_acts", "scorecards"):
        op.execute(f"DROP FUNCTION refuse_to_alter_{table}()")
    for column in ("rescheduled_up_to", "reschedule_from", "withdrawn_at", "drafted_by"):
        op.drop_column("scorecards", column)
    op.alter_column("scorecards", "effective_from", nullable=False)
