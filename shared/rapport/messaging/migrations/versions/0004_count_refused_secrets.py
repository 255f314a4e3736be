"""Beside fields that no contract knows, count those that held authentication data."""

import sqlalchemy as sa
from alembic import op

revision = "delivery_0004"
down_revision = "delivery_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refused_fields", sa.Column("kind", sa.Text, nullable=False, server_default="unknown-field"))
    op.drop_constraint("refused_fields_pkey", "refused_fields")
    op.create_primary_key("refused_fields_pkey", "refused_fields", ["topic", "partition", "field", "kind"])


def downgrade() -> None:
    """Counts of secrets go with the column that tells them apart."""
    op.execute("DELETE FROM refused_fields WHERE kind <> 'unknown-field'")
    op.drop_constraint("refused_fields_pkey", "refused_fields")
    op.create_primary_key("refused_fields_pkey", "refused_fields", ["topic", "partition", "field"])
    op.drop_column("refused_fields", "kind")
