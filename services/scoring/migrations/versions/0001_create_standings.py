"""Standings, the decisions on their tiers, and the scorecards these were made by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0001"
down_revision = None
branch_labels = ("scoring",)
depends_on = "delivery_0001"

_at = sa.DateTime(timezone=True)
_SUMS = ("credits", "debits", "own", "penalties", "overdrafts")
_HALF_LIVES = (7, 30, 90, 365)
_TIERS = "tier IN ('low', 'middle', 'high')"


def _required(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "standings",
        sa.Column("customer_id", sa.Text, primary_key=True),
        *_required(sa.SmallInteger(), "partition"),
        *_required(sa.Integer(), "transactions", "reversals", "foreign_currency_transactions"),
        *_required(sa.BigInteger(), "credits_minor", "debits_minor", "opening_minor"),
        *_required(sa.Integer(), "penalty_interests", "overdrafts"),
        sa.Column("sums_as_of", _at),
        *_required(sa.Double(), *(f"{name}_{days}d" for name in _SUMS for days in _HALF_LIVES)),
        sa.Column("active_days_from", sa.Date),
        sa.Column("active_days", sa.LargeBinary),
        sa.Column("first_activity_at", _at),
        sa.Column("last_activity_at", _at),
        *_required(JSONB(), "first_days", "holdings"),
        *_required(sa.Integer(), "holdings_revision"),
        sa.Column("holdings_as_of", _at),
        *_required(sa.Text(), "tier"),
        *_required(_at, "tier_since"),
        sa.Column("below_since", _at),
        *_required(sa.Integer(), "points"),
        *_required(_at, "decided_at"),
        *_required(sa.Integer(), "revision"),
        *_required(_at, "due_at"),
        sa.CheckConstraint(_TIERS, name="standings_tier"),
        # Every event writes its customer's row.
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("standings_by_due_time", "standings", ["partition", "due_at"])
    op.create_index("standings_by_tier", "standings", ["tier", "customer_id"])
    op.create_table(
        "decisions",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("old_tier", sa.Text),
        *_required(sa.Text(), "tier"),
        *_required(sa.Integer(), "points"),
        *_required(JSONB(), "points_by_dimension", "evidence", "reasons"),
        *_required(sa.Text(), "explanation"),
        *_required(sa.Integer(), "scorecard_version"),
        *_required(sa.Text(), "cause"),
        *_required(_at, "decided_at", "known_at"),
        sa.CheckConstraint(_TIERS, name="decisions_tier"),
        sa.CheckConstraint("cause IN ('event', 'time')", name="decisions_cause"),
    )
    op.create_table(
        "scorecards",
        sa.Column("version", sa.Integer, primary_key=True),
        *_required(JSONB(), "document"),
        *_required(_at, "effective_from"),
        sa.Column("kept_at", _at, nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    for table in ("scorecards", "decisions", "standings"):
        op.drop_table(table)
