"""Which proposal of a merge an accepted pair of files has become."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0015"
down_revision = "customer_profile_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("duplicate_pairs", sa.Column("merge_id", sa.Uuid, nullable=True))


def downgrade() -> None:
    op.drop_column("duplicate_pairs", "merge_id")
