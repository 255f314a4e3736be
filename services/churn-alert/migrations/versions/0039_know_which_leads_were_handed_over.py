"""A lead says whether a merge made it the survivor's, so that it is given back when that file is destroyed.

Additive. Leads that were handed over before this, or by processes of the release before, are not known to be.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0039"
down_revision = "churn_alert_0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("handed_over", sa.Boolean, nullable=False, server_default="false")
    op.add_column("abnormal_activities", column, if_not_exists=True)


def downgrade() -> None:
    op.drop_column("abnormal_activities", "handed_over")
