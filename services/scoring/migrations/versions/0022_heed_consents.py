"""A customer's no to tiering, beside the refusal of automated decisions: in the row, in what people did, in decisions.

Additive. Workers of the release before go on tiering who said no; what they hear of consents meanwhile has its effect
when the consents are told again. Taken back, such a decision is one of a refusal.
"""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0022"
down_revision = "scoring_0021"
branch_labels = None
depends_on = None

_BEFORE = (
    "'override-began', 'override-replaced', 'override-ended', 'override-revoked', 'automation-refused', "
    "'refusal-withdrawn'"
)


def upgrade() -> None:
    for table in ("standings", "hands"):
        op.add_column(table, sa.Column("consent_refused", sa.Boolean, nullable=False, server_default="false"))
    _index("people_only OR consent_refused")
    _acts(f"{_BEFORE}, 'consent-refused', 'consent-given'")


def downgrade() -> None:
    op.execute("UPDATE decisions SET people_act = 'automation-refused' WHERE people_act = 'consent-refused'")
    op.execute("UPDATE decisions SET people_act = 'refusal-withdrawn' WHERE people_act = 'consent-given'")
    _acts(_BEFORE)
    _index("people_only")
    for table in ("hands", "standings"):
        op.drop_column(table, "consent_refused")


def _index(where: str) -> None:
    op.drop_index("standings_for_people", "standings")
    op.create_index("standings_for_people", "standings", ["customer_id"], postgresql_where=sa.text(where))


def _acts(allowed: str) -> None:
    op.drop_constraint("decisions_people_act", "decisions")
    op.create_check_constraint("decisions_people_act", "decisions", f"people_act IN ({allowed})")
