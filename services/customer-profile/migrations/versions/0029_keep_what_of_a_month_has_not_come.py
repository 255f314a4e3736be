"""Beside a month of postings, those whose day had not come when something was posted to it last.

Additive: processes of the release before count them at once, as they did.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "customer_profile_0029"
down_revision = "customer_profile_0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portrait_months", sa.Column("ahead", JSONB))


def downgrade() -> None:
    op.drop_column("portrait_months", "ahead")
