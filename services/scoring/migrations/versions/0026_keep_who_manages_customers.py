"""Who manages each customer and who works where: copies by which a manager sees the own customers alone.

Additive. They fill as `employee-changed` is heard from its beginning, and as customer-profile tells all profiles again,
within three days; before that no manager sees the customer. Processes of the release before show everybody's.
"""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0026"
down_revision = "scoring_0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_managers",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("relationship_manager", sa.Text),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("customer_managers_by_manager", "customer_managers", ["relationship_manager", "customer_id"])
    op.create_table(
        "employees",
        sa.Column("employee_id", sa.Text, primary_key=True),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("employees_by_unit", "employees", ["unit", "employee_id"])


def downgrade() -> None:
    op.drop_table("employees")
    op.drop_table("customer_managers")
