"""What came of each intervention that drew an arm and that no alert began, and the silence an alert was issued after.

Additive. Both fill with the first upkeep, of alerts judged before the silence stays unknown; processes of the release
before do not know them.
"""

import sqlalchemy as sa
from alembic import op

revision = "churn_alert_0030"
down_revision = "churn_alert_0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert_outcomes", sa.Column("silent_days", sa.Integer))
    op.create_table(
        "intervention_outcomes",
        sa.Column("intervention_id", sa.Uuid, sa.ForeignKey("interventions.intervention_id"), primary_key=True),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("achieved", sa.Boolean, nullable=False),
        sa.Column("definition", sa.Integer, nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "measure IN ('kept', 'active', 'uses-product', 'won-back')", name="intervention_outcomes_measure"
        ),
    )


def downgrade() -> None:
    op.drop_table("intervention_outcomes")
    op.drop_column("alert_outcomes", "silent_days")
