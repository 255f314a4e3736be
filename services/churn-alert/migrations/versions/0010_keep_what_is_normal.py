"""What the four indicators are made of: turnover, balance and use of products, and since when each is out of range.

Additive. The new sums fill from now on; until a customer's history is heard again they read low for the year, and so as
more than usual: nobody is taken for declining by them. Workers of the release before leave them as they are.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from rapport import online

revision = "churn_alert_0010"
down_revision = "churn_alert_0009"
branch_labels = None
depends_on = None

_HALF_LIVES = (7, 30, 90, 365)
_BEFORE = ("own", "uses", "inflow", "inflow_squares", "net_flow", "negatives")
_SUMS = ("turnover", "turnover_squares", "product_uses")
_OUT = ("transactions", "turnover", "balance", "service_feedback", "product_use")


def _columns(*names: str) -> list[str]:
    return [f"{name}_{days}d" for name in names for days in _HALF_LIVES]


def upgrade() -> None:
    for name in _columns(*_SUMS):
        op.add_column("risks", sa.Column(name, sa.Double, nullable=False, server_default="0"), if_not_exists=True)
    op.add_column("risks", sa.Column("accounts", JSONB, nullable=False, server_default="[]"), if_not_exists=True)
    for name in _OUT:
        op.add_column("risks", sa.Column(f"{name}_out_at", sa.DateTime(timezone=True)), if_not_exists=True)
    finite = f"{' + '.join(_columns(*_BEFORE, *_SUMS))} BETWEEN -1e300 AND 1e300"
    online.create_check("risks_finite", "risks", finite)
    online.create_check(
        "risk_crossings_finite", "risk_crossings", "probability BETWEEN 0 AND 1 AND threshold BETWEEN 0 AND 1"
    )


def downgrade() -> None:
    op.drop_constraint("risk_crossings_finite", "risk_crossings")
    op.drop_constraint("risks_finite", "risks")
    for name in (*(f"{name}_out_at" for name in _OUT), "accounts", *_columns(*_SUMS)):
        op.drop_column("risks", name)
