"""Exports of customers: asked for, decided on by another person, taken; what was said once is never altered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "customer_profile_0020"
down_revision = "customer_profile_0019"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("export_id", sa.Uuid, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("filters", JSONB, nullable=False),
        sa.Column("extent", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", _at, nullable=False),
        sa.Column("expires_at", _at, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", _at),
        sa.CheckConstraint("state IN ('asked', 'approved', 'refused', 'handed-out')", name="exports_state"),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="exports_decided"),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="exports_decided_by_somebody"),
        sa.CheckConstraint("decided_by <> asked_by", name="exports_four_eyes"),
    )
    op.create_index("exports_by_asker", "exports", ["asked_by", "export_id"])
    op.create_table(
        "export_hand_outs",
        sa.Column("hand_out_id", sa.Uuid, primary_key=True),
        sa.Column("export_id", sa.Uuid, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("taken_by", sa.Text, nullable=False),
        sa.Column("began_at", _at, nullable=False),
        sa.Column("ended_at", _at),
        sa.Column("row_count", sa.BigInteger),
        sa.Column("digest", sa.Text),
        sa.Column("is_whole", sa.Boolean),
        sa.CheckConstraint(
            "num_nulls(ended_at, row_count, digest, is_whole) IN (0, 4)", name="export_hand_outs_counted_when_ended"
        ),
    )
    op.create_index("export_hand_outs_by_export", "export_hand_outs", ["export_id", "hand_out_id"])
    _guard(
        "exports",
        "(OLD.export_id, OLD.purpose, OLD.reason, OLD.filters, OLD.extent, OLD.asked_by, OLD.asked_at) "
        "IS DISTINCT FROM "
        "(NEW.export_id, NEW.purpose, NEW.reason, NEW.filters, NEW.extent, NEW.asked_by, NEW.asked_at) "
        "OR (OLD.state, NEW.state) NOT IN (('asked', 'approved'), ('asked', 'refused'), ('approved', 'handed-out')) "
        "OR OLD.decided_by IS NOT NULL AND (OLD.decided_by, OLD.decided_at, OLD.expires_at) "
        "IS DISTINCT FROM (NEW.decided_by, NEW.decided_at, NEW.expires_at)",
    )
    _guard(
        "export_hand_outs",
        "OLD.ended_at IS NOT NULL OR (OLD.hand_out_id, OLD.export_id, OLD.format, OLD.taken_by, OLD.began_at) "
        "IS DISTINCT FROM (NEW.hand_out_id, NEW.export_id, NEW.format, NEW.taken_by, NEW.began_at)",
    )


def _guard(table: str, altered: str) -> None:
    op.execute(
        f"CREATE FUNCTION refuse_to_alter_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF NOT ({altered}) THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION 'what {table} said stays as it is' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION refuse_to_alter_{table}()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_are_kept BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_{table}()"
    )


def downgrade() -> None:
    for table in ("exports", "export_hand_outs"):
        op.drop_table(table)
        op.execute(f"DROP FUNCTION refuse_to_alter_{table}()")
