"""A file that is merged into another keeps what it was like before it was heard of again, until its person is decided.

Additive. Processes of the release before neither fill nor read it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "churn_alert_0041"
down_revision = "churn_alert_0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("risks", sa.Column("before", JSONB), if_not_exists=True)


def downgrade() -> None:
    op.drop_column("risks", "before")
