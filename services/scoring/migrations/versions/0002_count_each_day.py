"""Counts of every day instead of days alone, the month's movements and valuations, the class of loans.

What a reversal takes back is gone from these, so the instants of the first and last activity go: the days say it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0002"
down_revision = "scoring_0001"
branch_labels = None
depends_on = None

_MONTH = ("month_moved", "month_moment", "month_moved_before", "month_moment_before")


def upgrade() -> None:
    _add(sa.BigInteger(), "own_minor", *_MONTH)
    _add(sa.Integer(), "month")
    op.add_column("standings", sa.Column("active_day_repeats", sa.LargeBinary))
    op.add_column("standings", sa.Column("loan_class", sa.SmallInteger))
    op.add_column("standings", sa.Column("valuations", JSONB, nullable=False, server_default="[]"))
    op.alter_column("standings", "valuations", server_default=None)
    # A customer whose holdings are known was worth that from the day it was told for.
    op.execute(
        "UPDATE standings SET valuations = jsonb_build_array(jsonb_build_array("
        "(holdings_as_of AT TIME ZONE 'UTC')::date - DATE '0001-01-01' + 1, holdings_revision, coalesce("
        "(SELECT sum((held.value ->> 1)::bigint) FROM jsonb_each(holdings) AS held WHERE held.key <> ALL("
        "ARRAY['loan', 'card'])), 0))) WHERE holdings_revision > 0"
    )
    for name in ("reversals", "first_activity_at", "last_activity_at"):
        op.drop_column("standings", name)


def _add(kind: sa.types.TypeEngine, *names: str) -> None:
    for name in names:
        op.add_column("standings", sa.Column(name, kind, nullable=False, server_default="0"))
        op.alter_column("standings", name, server_default=None)


def downgrade() -> None:
    op.add_column("standings", sa.Column("first_activity_at", sa.DateTime(timezone=True)))
    op.add_column("standings", sa.Column("last_activity_at", sa.DateTime(timezone=True)))
    _add(sa.Integer(), "reversals")
    for name in ("own_minor", *_MONTH, "month", "active_day_repeats", "loan_class", "valuations"):
        op.drop_column("standings", name)
