"""Who refuses to be cared for, and alerts that such a no closed.

Additive. Workers of the release before go on warning of who said no; what they hear of consents meanwhile has its
effect when the consents are told again. Taken back, an alert that a no closed is one that closed because the risk fell.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0005"
down_revision = "churn_alert_0004"
branch_labels = None
depends_on = None

_BEFORE = "'retained', 'lost', 'false-alarm', 'recovered', 'merged'"


def upgrade() -> None:
    op.add_column("risks", sa.Column("consent_refused", sa.Boolean, nullable=False, server_default="false"))
    _outcomes(f"{_BEFORE}, 'consent-refused'")


def downgrade() -> None:
    op.execute("UPDATE alerts SET outcome = 'recovered' WHERE outcome = 'consent-refused'")
    _outcomes(_BEFORE)
    op.drop_column("risks", "consent_refused")


def _outcomes(allowed: str) -> None:
    op.drop_constraint("alerts_outcome", "alerts")
    op.create_check_constraint("alerts_outcome", "alerts", f"outcome IN ({allowed})")
