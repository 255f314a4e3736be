"""What people do to a tier is kept with its place in the log of events, so that a replay can do it again.

The application of the release before does not write the table: whom people have a hand in meanwhile a replay passes
over, as it does whoever they had a hand in before, unless it was their second or a later one.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0017"
down_revision = "scoring_0016"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hands",
        sa.Column("hand_id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("at", _at, nullable=False),
        sa.Column("known_at", _at, nullable=False),
        sa.Column("due_at", _at),
        sa.Column("override_id", sa.Uuid),
        sa.Column("override_tier", sa.Text),
        sa.Column("override_until", _at),
        sa.Column("people_only", sa.Boolean, nullable=False),
        sa.Column("offsets", JSONB, nullable=False),
    )
    op.create_index("hands_by_partition", "hands", ["partition", "hand_id"])
    op.execute(
        "CREATE TRIGGER hands_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON hands "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_what_people_did()"
    )


def downgrade() -> None:
    op.drop_table("hands")
