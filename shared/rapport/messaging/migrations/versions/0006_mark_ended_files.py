"""Note at a customer's lock that the file is archived or destroyed, so that whoever takes the lock knows it.

Additive: processes of the release before neither read nor write it, and build anew what comes late of such a customer.
"""

import sqlalchemy as sa
from alembic import op

revision = "delivery_0006"
down_revision = "delivery_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("erased_scope", sa.Text))
    op.add_column("customers", sa.Column("erased_rule", sa.Text))
    op.add_column("customers", sa.Column("erased_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for column in ("erased_at", "erased_rule", "erased_scope"):
        op.drop_column("customers", column)
