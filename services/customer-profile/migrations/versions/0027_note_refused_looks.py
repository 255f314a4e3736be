"""Who looked or saw too often is counted in the trails, by caller and moment, and noted there when refused.

Additive. What is there was not refused; processes of the release before note none that they refuse. Taken back,
what was refused can no longer be told from what was done.
"""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0027"
down_revision = "customer_profile_0026"
branch_labels = None
depends_on = None

_TRAILS = ("look_ups", "unmaskings")


def upgrade() -> None:
    op.drop_index("look_ups_by_caller", "look_ups")
    for trail in _TRAILS:
        op.add_column(trail, sa.Column("refused", sa.Boolean, nullable=False, server_default=sa.false()))
        op.create_index(f"{trail}_by_caller", trail, ["asked_by", "asked_at"])


def downgrade() -> None:
    for trail in _TRAILS:
        op.drop_index(f"{trail}_by_caller", trail)
        op.drop_column(trail, "refused")
    op.create_index("look_ups_by_caller", "look_ups", ["asked_by", "look_up_id"])
