"""Let a revision of holdings be as large as the contract allows: milliseconds since 1970 do not fit an INTEGER.

PostgreSQL writes table and indexes anew, and nobody reads or writes them meanwhile: 5 s for 210,000 customers (314 MB),
so some 25 s a million. Events wait in Kafka, requests for standings are 503. Workers of the release before go on with
it. Taking it back takes as long, and PostgreSQL refuses it while a revision is too large for an INTEGER.
"""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0014"
down_revision = "scoring_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("standings", "holdings_revision", type_=sa.BigInteger)


def downgrade() -> None:
    op.alter_column("standings", "holdings_revision", type_=sa.Integer)
