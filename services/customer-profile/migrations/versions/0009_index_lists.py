"""An index for each column that lists of customers filter or sort by, with the token behind it."""

from alembic import op

revision = "customer_profile_0009"
down_revision = "customer_profile_0008"
branch_labels = None
depends_on = None

_COLUMNS = ("region", "customer_class", "type", "status", "relationship", "customer_since", "as_of")


def upgrade() -> None:
    for column in _COLUMNS:
        op.create_index(f"profiles_by_{column}", "profiles", [column, "customer_id"])


def downgrade() -> None:
    for column in _COLUMNS:
        op.drop_index(f"profiles_by_{column}", "profiles")
