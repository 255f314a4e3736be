"""What an alert is judged and timed by, what people may do besides, and an index for each filter.

Additive. Alerts that are open have their times set by the first process of this release that looks; none before that.
Taken back, an alert closed since what it warned of was not true is one that closed because the risk fell, and steps
that nobody knew before are lines of an alert that stayed as it was.
"""

import sqlalchemy as sa
from alembic import op

from rapport import online

revision = "churn_alert_0014"
down_revision = "churn_alert_0013"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_OUTCOMES = "'retained', 'lost', 'false-alarm', 'recovered', 'merged', 'consent-refused', 'restricted'"
_STEPS = "'opened', 'acknowledged', 'risk-fell', 'risk-rose', 'closed'"
_ADDED = (
    ("outcome_at", _at),
    ("urgency", sa.Double),
    ("policy_version", sa.Integer),
    ("waiting_since", _at),
    ("answer_by", _at),
)
_LISTED = ("owner", "severity", "tier", "stage")


def upgrade() -> None:
    for name, kind in _ADDED:
        op.add_column("alerts", sa.Column(name, kind), if_not_exists=True)
    online.create_check("alerts_urgency", "alerts", "urgency >= 0 AND urgency < 'infinity'")
    for column in (
        sa.Column("owner", sa.Text),
        sa.Column("escalation", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("snoozed_until", _at),
    ):
        op.add_column("alert_events", column, if_not_exists=True)
    _allowed("alerts", "outcome", f"{_OUTCOMES}, 'cleared'")
    _allowed("alert_events", "step", f"{_STEPS}, 'snoozed', 'woken', 'reassigned', 'escalated'")
    for name in _LISTED:
        online.create_index(f"alerts_by_{name}", "alerts", [name, "opened_at", "alert_id"])
    online.create_index("alerts_open", "alerts", ["opened_at", "alert_id"], where="status <> 'closed'")


def downgrade() -> None:
    op.drop_index("alerts_open", "alerts")
    for name in _LISTED:
        op.drop_index(f"alerts_by_{name}", "alerts")
    for table in ("alerts", "alert_events"):
        op.execute(f"UPDATE {table} SET outcome = 'recovered' WHERE outcome = 'cleared'")
    op.execute(f"UPDATE alert_events SET step = 'risk-rose' WHERE step NOT IN ({_STEPS})")
    _allowed("alert_events", "step", _STEPS)
    _allowed("alerts", "outcome", _OUTCOMES)
    for name in ("snoozed_until", "escalation", "owner"):
        op.drop_column("alert_events", name)
    op.drop_constraint("alerts_urgency", "alerts")
    for name, _ in reversed(_ADDED):
        op.drop_column("alerts", name)


def _allowed(table: str, column: str, words: str) -> None:
    online.create_check(f"{table}_{column}", table, f"{column} IN ({words})")
