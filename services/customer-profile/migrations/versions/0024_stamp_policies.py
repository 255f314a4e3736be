"""By which version of the rules a contact was decided, a field was seen in clear and an export was approved.

Additive. What is there is without it; processes of the release before go on and stamp none.
"""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0024"
down_revision = "customer_profile_0023"
branch_labels = None
depends_on = None

_BY_RULES = ("contacts", "unmaskings", "exports")


def upgrade() -> None:
    for table in _BY_RULES:
        op.add_column(table, sa.Column("policy_version", sa.Integer))
    op.add_column("contacts", sa.Column("consent_version", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("contacts", "consent_version")
    for table in _BY_RULES:
        op.drop_column(table, "policy_version")
