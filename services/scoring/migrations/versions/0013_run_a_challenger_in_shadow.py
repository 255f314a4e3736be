"""A draft decides in shadow: which versions did, and the shadow of every customer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0013"
down_revision = "scoring_0012"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_BEFORE = "act IN ('drafted', 'dry-run', 'approved', 'withdrawn')"
_ACTS = "act IN ('drafted', 'dry-run', 'challenger-entered', 'challenger-stopped', 'approved', 'withdrawn')"


def _required(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    op.drop_constraint("scorecard_acts_act", "scorecard_acts")
    op.create_check_constraint("scorecard_acts_act", "scorecard_acts", _ACTS)
    op.create_table(
        "challengers",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *_required(_at, "entered_at", "begins_at"),
        *_required(sa.Integer(), "customers_total", "customers_done"),
        sa.Column("begun_up_to", sa.Text),
        sa.Column("ended_at", _at),
        sa.Column("cleared_at", _at),
        sa.Column("counted_at", _at),
        sa.Column("comparison", JSONB),
    )
    op.create_table(
        "shadows",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("customer_id", sa.Text, primary_key=True),
        *_required(sa.SmallInteger(), "partition"),
        *_required(sa.Text(), "tier"),
        *_required(_at, "tier_since"),
        sa.Column("below_since", _at),
        *_required(_at, "begun_at"),
        *_required(sa.Integer(), "points"),
        *_required(_at, "due_at"),
        *_required(sa.Integer(), "events", "agreements"),
        # Every event writes its customer's row.
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("shadows_by_due_time", "shadows", ["partition", "due_at"])


def downgrade() -> None:
    """Refused by the database as long as somebody made a version the challenger: acts are altered by nobody."""
    for table in ("shadows", "challengers"):
        op.drop_table(table)
    op.drop_constraint("scorecard_acts_act", "scorecard_acts")
    op.create_check_constraint("scorecard_acts_act", "scorecard_acts", _BEFORE)
