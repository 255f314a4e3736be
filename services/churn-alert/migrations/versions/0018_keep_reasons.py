"""With each crossing the probability for every horizon, and what each feature of the model added.

Additive. Crossings of before have neither; workers of the release before keep neither.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "churn_alert_0018"
down_revision = "churn_alert_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("horizons", "reasons"):
        op.add_column("risk_crossings", sa.Column(name, JSONB))


def downgrade() -> None:
    for name in ("reasons", "horizons"):
        op.drop_column("risk_crossings", name)
