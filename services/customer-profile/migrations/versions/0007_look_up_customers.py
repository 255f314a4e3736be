"""By what a customer is found who gives a number, and who looked."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0007"
down_revision = "customer_profile_0006"
branch_labels = None
depends_on = None

_INDEXED = ("id_number", "phone")
_INDEX = "C2, HMAC-SHA256 under the key of look-ups"


def upgrade() -> None:
    for field in _INDEXED:
        op.add_column("profiles", sa.Column(f"{field}_index", sa.LargeBinary, nullable=True, comment=_INDEX))
        op.create_index(f"profiles_by_{field}", "profiles", [f"{field}_index"])
    op.create_table(
        "look_ups",
        sa.Column("look_up_id", sa.Uuid, primary_key=True),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("found", sa.Boolean, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("look_ups_by_caller", "look_ups", ["asked_by", "look_up_id"])
    op.execute(
        "CREATE FUNCTION refuse_to_alter_look_ups() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'look_ups only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER look_ups_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON look_ups "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_look_ups()"
    )


def downgrade() -> None:
    op.drop_table("look_ups")
    op.execute("DROP FUNCTION refuse_to_alter_look_ups()")
    for field in _INDEXED:
        op.drop_index(f"profiles_by_{field}", "profiles")
        op.drop_column("profiles", f"{field}_index")
