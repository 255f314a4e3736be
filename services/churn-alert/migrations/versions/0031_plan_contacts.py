"""When customers are to be contacted, and what else of the relation begins a playbook.

Additive: a table that processes of the release before neither fill nor read, and more nodes than they know; what began
at one of those they go on with as with any other. Taken back it is only where nothing began at one of those: what was
done for customers is not deleted.
"""

import sqlalchemy as sa
from alembic import op

from rapport import online

revision = "churn_alert_0031"
down_revision = "churn_alert_0030"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_BEFORE = (
    "churn-warning", "account-opening", "product-pitch", "service-upgrade", "product-matured", "new-product",
)  # fmt: skip
_NOW = (*_BEFORE, "regular-contact", "anniversary", "first-salary", "account-woken", "customer-lost")


def upgrade() -> None:
    op.create_table(
        "contact_calendars",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("since", sa.Date),
        sa.Column("last_contact_at", _at),
        sa.Column("first_salary_at", _at),
        sa.Column("heard_at", _at),
        sa.Column("looked_at", _at),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("due_at", _at),
        if_not_exists=True,
    )
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "contact_calendars_by_due_time",
        "contact_calendars",
        ["partition", "due_at"],
        postgresql_where=is_due,
        if_not_exists=True,
    )
    online.create_check("interventions_node", "interventions", f"node IN {_NOW}")


def downgrade() -> None:
    op.execute(
        f"DO $$ DECLARE begun text; BEGIN SELECT string_agg(node || ' ' || many, ', ' ORDER BY node) INTO begun FROM "
        f"(SELECT node, count(*) AS many FROM interventions WHERE node NOT IN {_BEFORE} GROUP BY node) of_new; "
        "IF begun IS NOT NULL THEN RAISE EXCEPTION 'interventions.node: the schema before has no place for %, begun by "
        "now: keep this schema and go back with the processes alone, they run on it', begun; END IF; END $$"
    )
    op.drop_table("contact_calendars", if_exists=True)
    online.create_check("interventions_node", "interventions", f"node IN {_BEFORE}")
