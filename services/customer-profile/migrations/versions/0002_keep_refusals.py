"""A customer may refuse automated decisions."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0002"
down_revision = "customer_profile_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "profiles", sa.Column("refuses_automated_decisions", sa.Boolean, nullable=False, server_default="false")
    )


def downgrade() -> None:
    op.drop_column("profiles", "refuses_automated_decisions")
