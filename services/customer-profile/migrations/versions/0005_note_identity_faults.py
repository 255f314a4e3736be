"""What is wrong with an identity as the core told it: field and rule, never the value."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "customer_profile_0005"
down_revision = "customer_profile_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("profiles", sa.Column("identity_faults", JSONB, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("profiles", "identity_faults")
