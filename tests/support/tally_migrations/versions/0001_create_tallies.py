"""The table of the tally service."""

from alembic import op

revision = "tally_0001"
down_revision = None
branch_labels = ("tally",)
depends_on = "delivery_0001"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE tallies (customer_id text PRIMARY KEY, partition smallint NOT NULL, count bigint NOT NULL, "
        "total bigint NOT NULL, due_at timestamptz, CHECK (total <> 0 OR customer_id <> 'c-stuck'))"
    )


def downgrade() -> None:
    op.drop_table("tallies")
