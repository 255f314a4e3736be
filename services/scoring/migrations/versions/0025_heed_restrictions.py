"""A restricted relationship, beside the two noes: in the row, in what people did, in decisions.

Additive. Workers of the release before go on tiering who is restricted; what they hear of profiles meanwhile has its
effect when the profiles are told again. Taken back, such a decision is one of a refusal.
"""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0025"
down_revision = "scoring_0024"
branch_labels = None
depends_on = None

_BEFORE = (
    "'override-began', 'override-replaced', 'override-ended', 'override-revoked', 'automation-refused', "
    "'refusal-withdrawn', 'consent-refused', 'consent-given'"
)


def upgrade() -> None:
    for table in ("standings", "hands"):
        op.add_column(table, sa.Column("is_restricted", sa.Boolean, nullable=False, server_default="false"))
    _index("people_only OR consent_refused OR is_restricted")
    _acts(f"{_BEFORE}, 'relationship-restricted', 'relationship-resumed'")


def downgrade() -> None:
    op.execute("UPDATE decisions SET people_act = 'automation-refused' WHERE people_act = 'relationship-restricted'")
    op.execute("UPDATE decisions SET people_act = 'refusal-withdrawn' WHERE people_act = 'relationship-resumed'")
    _acts(_BEFORE)
    _index("people_only OR consent_refused")
    for table in ("hands", "standings"):
        op.drop_column(table, "is_restricted")


def _index(where: str) -> None:
    op.drop_index("standings_for_people", "standings")
    op.create_index("standings_for_people", "standings", ["customer_id"], postgresql_where=sa.text(where))


def _acts(allowed: str) -> None:
    op.drop_constraint("decisions_people_act", "decisions")
    op.create_check_constraint("decisions_people_act", "decisions", f"people_act IN ({allowed})")
