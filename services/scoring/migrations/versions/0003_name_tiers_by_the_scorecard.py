"""Tiers are named by the scorecard, and a decision says at which place of its ladder it put the customer."""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0003"
down_revision = "scoring_0002"
branch_labels = None
depends_on = None

_TIERS = "tier IN ('low', 'middle', 'high')"


def upgrade() -> None:
    for table in ("standings", "decisions"):
        op.drop_constraint(f"{table}_tier", table)
    for place in ("rank", "ladder"):
        op.add_column("decisions", sa.Column(place, sa.SmallInteger))


def downgrade() -> None:
    """Refused by the database as long as somebody is in a tier that the former version does not know."""
    for place in ("rank", "ladder"):
        op.drop_column("decisions", place)
    for table in ("standings", "decisions"):
        op.create_check_constraint(f"{table}_tier", table, _TIERS)
