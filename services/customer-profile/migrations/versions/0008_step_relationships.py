"""Where the relationship with each customer stands, and every step that it took."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0008"
down_revision = "customer_profile_0007"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_RELATIONSHIP = (
    "CASE WHEN status <> 'active' THEN 'exited' WHEN is_restricted THEN 'restricted' "
    "WHEN is_admitted THEN 'active' ELSE 'admission' END"
)
_STATES = "'admission', 'active', 'restricted', 'exited'"


def upgrade() -> None:
    op.add_column("profiles", sa.Column("is_admitted", sa.Boolean, nullable=False, server_default="true"))
    op.add_column("profiles", sa.Column("is_restricted", sa.Boolean, nullable=False, server_default="false"))
    op.add_column(
        "profiles",
        sa.Column("relationship", sa.Text, sa.Computed(_RELATIONSHIP, persisted=True), nullable=False),
    )
    op.create_table(
        "status_steps",
        sa.Column("step_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("done_by", sa.Text),
        sa.Column("occurred_at", _at, nullable=False),
        sa.Column("recorded_at", _at, nullable=False),
        sa.CheckConstraint(f"from_state IN ({_STATES})", name="status_steps_from"),
        sa.CheckConstraint(f"to_state IN ({_STATES}) AND to_state IS DISTINCT FROM from_state", name="status_steps_to"),
    )
    op.create_index("status_steps_by_customer", "status_steps", ["customer_id", "step_id"])
    op.execute(
        "CREATE FUNCTION refuse_to_alter_status_steps() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'status_steps only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER status_steps_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON status_steps "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_status_steps()"
    )


def downgrade() -> None:
    op.drop_table("status_steps")
    op.execute("DROP FUNCTION refuse_to_alter_status_steps()")
    for column in ("relationship", "is_restricted", "is_admitted"):
        op.drop_column("profiles", column)
