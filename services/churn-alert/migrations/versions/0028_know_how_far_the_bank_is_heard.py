"""How far each topic of activity was heard: silence is judged no further.

Additive. Processes of the release before do not read it; what is not noted holds nothing up.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0028"
down_revision = "churn_alert_0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_feeds",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, primary_key=True),
        sa.Column("heard_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True)),
    )


def downgrade() -> None:
    op.drop_table("activity_feeds")
