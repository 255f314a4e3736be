"""Of a decision that people moved, what they did: an override or a refusal of automated decisions, begun or ended.

Decisions of before are without it and keep their words. Workers of the release before go on, and keep none either; they
wait while the decisions there are are looked through once.
"""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0016"
down_revision = "scoring_0015"
branch_labels = None
depends_on = None

_ACTS = (
    "people_act IN ('override-began', 'override-replaced', 'override-ended', 'override-revoked', "
    "'automation-refused', 'refusal-withdrawn')"
)


def upgrade() -> None:
    op.add_column("decisions", sa.Column("people_act", sa.Text))
    op.create_check_constraint("decisions_people_act", "decisions", _ACTS)


def downgrade() -> None:
    op.drop_column("decisions", "people_act")
