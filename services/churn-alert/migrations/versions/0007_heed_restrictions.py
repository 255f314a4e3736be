"""Whose relationship is restricted or over, and alerts that such a word closed.

Additive. Workers of the release before go on warning of who is restricted; what they hear of profiles meanwhile has its
effect when the profiles are told again. Taken back, an alert that such a word closed is one that closed because the
risk fell.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0007"
down_revision = "churn_alert_0006"
branch_labels = None
depends_on = None

_BEFORE = "'retained', 'lost', 'false-alarm', 'recovered', 'merged', 'consent-refused'"


def upgrade() -> None:
    op.add_column("risks", sa.Column("is_restricted", sa.Boolean, nullable=False, server_default="false"))
    op.add_column("risks", sa.Column("profile_revision", sa.BigInteger, nullable=False, server_default="0"))
    _outcomes(f"{_BEFORE}, 'restricted'")


def downgrade() -> None:
    op.execute("UPDATE alerts SET outcome = 'recovered' WHERE outcome = 'restricted'")
    _outcomes(_BEFORE)
    for column in ("profile_revision", "is_restricted"):
        op.drop_column("risks", column)


def _outcomes(allowed: str) -> None:
    op.drop_constraint("alerts_outcome", "alerts")
    op.create_check_constraint("alerts_outcome", "alerts", f"outcome IN ({allowed})")
