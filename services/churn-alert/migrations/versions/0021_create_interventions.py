"""What is done for customers by playbooks, step by step, and what became of it.

Additive: three tables that processes of the release before neither fill nor read.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB

revision = "churn_alert_0021"
down_revision = "churn_alert_0020"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_OVER = "('done', 'cancelled')"


def upgrade() -> None:
    op.create_table(
        "interventions",
        sa.Column("intervention_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("playbook", sa.Text, nullable=False),
        sa.Column("playbook_version", sa.Integer, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("experiment", sa.Text),
        sa.Column("arm", sa.Text),
        sa.Column("opened_at", _at, nullable=False),
        sa.Column("alert_id", sa.Uuid),
        sa.Column("product", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("assignee", sa.Text),
        sa.Column("reached", sa.Boolean, nullable=False),
        sa.Column("changed_at", _at),
        sa.Column("ended_at", _at),
        sa.Column("outcome", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed', 'assigned', 'contacted', 'done', 'cancelled')", name="interventions_status"
        ),
        sa.CheckConstraint(
            "node IN ('churn-warning', 'account-opening', 'product-pitch', 'service-upgrade', 'product-matured', "
            "'new-product')",
            name="interventions_node",
        ),
        sa.CheckConstraint("arm IN ('treated', 'held-out')", name="interventions_arm"),
        sa.CheckConstraint("(arm IS NULL) = (experiment IS NULL)", name="interventions_drawn"),
        sa.CheckConstraint(f"(status IN {_OVER}) = (ended_at IS NOT NULL)", name="interventions_ended"),
        sa.CheckConstraint(
            "arm IS DISTINCT FROM 'held-out' OR (status = 'done' AND NOT reached)", name="interventions_held_out"
        ),
    )
    op.create_index("interventions_by_customer", "interventions", ["customer_id", "opened_at"])
    op.create_index("interventions_by_opening", "interventions", ["opened_at", "intervention_id"])
    is_open = sa.text(f"status NOT IN {_OVER}")
    op.create_index("interventions_open", "interventions", ["customer_id"], postgresql_where=is_open)
    of_alert = sa.text("alert_id IS NOT NULL")
    op.create_index("interventions_of_alert", "interventions", ["alert_id"], unique=True, postgresql_where=of_alert)
    _create_steps()
    op.create_table(
        "intervention_events",
        sa.Column("intervention_id", sa.Uuid, sa.ForeignKey("interventions.intervention_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("move", sa.Text, nullable=False),
        sa.Column("happened_at", _at, nullable=False),
        sa.Column("known_at", _at, nullable=False),
        sa.Column("step", sa.SmallInteger),
        sa.Column("done_by", sa.Text),
        sa.Column("detail", sa.Text),
        sa.CheckConstraint(
            "move IN ('proposed', 'held-out', 'begun', 'requested', 'assigned', 'overdue', 'delivered', 'refused', "
            "'task-done', 'done', 'cancelled')",
            name="intervention_events_move",
        ),
    )


def _create_steps() -> None:
    op.create_table(
        "intervention_steps",
        sa.Column("step_id", sa.Uuid, primary_key=True),
        sa.Column("intervention_id", sa.Uuid, sa.ForeignKey("interventions.intervention_id"), nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("number", sa.SmallInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("taken_when", sa.Text, nullable=False),
        sa.Column("role", sa.Text),
        sa.Column("due", INTERVAL),
        sa.Column("message", JSONB),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("begun_at", _at),
        sa.Column("due_by", _at),
        sa.Column("due_at", _at),
        sa.Column("overdue_at", _at),
        sa.Column("request_id", sa.Text),
        sa.Column("ended_at", _at),
        sa.Column("ended_by", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.CheckConstraint("kind IN ('task', 'contact')", name="intervention_steps_kind"),
        sa.CheckConstraint(
            "status IN ('planned', 'open', 'requested', 'done', 'delivered', 'refused', 'skipped', 'cancelled')",
            name="intervention_steps_status",
        ),
        sa.CheckConstraint("(kind = 'task') = (message IS NULL)", name="intervention_steps_message"),
    )
    op.create_index("intervention_steps_by_intervention", "intervention_steps", ["intervention_id", "number"])
    op.create_index("intervention_steps_by_due_time", "intervention_steps", ["partition", "due_at"])
    was_asked = sa.text("request_id IS NOT NULL")
    op.create_index("intervention_steps_by_request", "intervention_steps", ["request_id"], postgresql_where=was_asked)
    is_task = sa.text("kind = 'task' AND begun_at IS NOT NULL")
    op.create_index("intervention_tasks", "intervention_steps", ["due_by", "step_id"], postgresql_where=is_task)
    op.create_index("intervention_steps_by_customer", "intervention_steps", ["customer_id"])


def downgrade() -> None:
    op.drop_table("intervention_events")
    op.drop_table("intervention_steps")
    op.drop_table("interventions")
