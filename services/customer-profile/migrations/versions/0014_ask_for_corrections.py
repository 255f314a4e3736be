"""Requests for corrections, on which a second person decides; one that has ended never changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "customer_profile_0014"
down_revision = "customer_profile_0013"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("fields", ARRAY(sa.Text), nullable=False),
        sa.Column("asked", sa.LargeBinary),
        sa.Column("evidence_digest", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", _at, nullable=False),
        sa.Column("due_at", _at, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", _at),
        sa.Column("ground", sa.Text),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'refused', 'withdrawn', 'superseded')", name="corrections_state"
        ),
        sa.CheckConstraint("(state = 'open') = (asked IS NOT NULL)", name="corrections_asked_while_open"),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="corrections_ended"),
        sa.CheckConstraint("(state = 'refused') = (ground IS NOT NULL)", name="corrections_refused_on_a_ground"),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'refused') OR decided_by <> asked_by", name="corrections_four_eyes"
        ),
    )
    op.create_index("corrections_by_due", "corrections", ["state", "due_at", "correction_id"])
    op.create_index("corrections_by_customer", "corrections", ["customer_id", "due_at", "correction_id"])
    op.execute(
        "CREATE FUNCTION refuse_to_alter_corrections() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' OR OLD.state <> 'open' OR (OLD.customer_id, OLD.fields, OLD.asked_by, OLD.asked_at, "
        "OLD.due_at) IS DISTINCT FROM (NEW.customer_id, NEW.fields, NEW.asked_by, NEW.asked_at, NEW.due_at) THEN "
        "RAISE EXCEPTION 'a correction that has ended stays as it is' USING ERRCODE = 'insufficient_privilege'; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER corrections_end_once BEFORE UPDATE OR DELETE ON corrections "
        "FOR EACH ROW EXECUTE FUNCTION refuse_to_alter_corrections()"
    )


def downgrade() -> None:
    op.drop_table("corrections")
    op.execute("DROP FUNCTION refuse_to_alter_corrections()")
