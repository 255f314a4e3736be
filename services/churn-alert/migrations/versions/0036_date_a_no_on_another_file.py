"""What asks for a person says by which word the person is to be left alone, so that it counts as of that word.

Additive. Processes of the release before neither fill nor read it: what they ask for is dated as it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0036"
down_revision = "churn_alert_0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person_due_times", sa.Column("objection", sa.Text), if_not_exists=True)


def downgrade() -> None:
    op.drop_column("person_due_times", "objection")
