"""A customer may have several data keys for a while: the newest seals, the others open what they sealed."""

import sqlalchemy as sa
from alembic import op

revision = "delivery_0003"
down_revision = "delivery_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("data_keys", sa.Column("generation", sa.SmallInteger, nullable=False, server_default="1"))
    op.drop_constraint("data_keys_pkey", "data_keys")
    op.create_primary_key("data_keys_pkey", "data_keys", ["customer_id", "generation"])


def downgrade() -> None:
    """Refused by the key where a customer has several: what they sealed would be lost with them."""
    op.drop_constraint("data_keys_pkey", "data_keys")
    op.create_primary_key("data_keys_pkey", "data_keys", ["customer_id"])
    op.drop_column("data_keys", "generation")
