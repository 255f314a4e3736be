"""People override a tier, a customer may refuse automated decisions and appeal: who did what when only grows."""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0006"
down_revision = "scoring_0005"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_GROWING = ("overrides", "override_acts", "appeals", "appeal_answers")
_CAUSES = "cause IN ('event', 'time'{more})"
_ACTS = "act IN ('approved', 'rejected', 'revoked', 'replaced')"
_PEOPLES = (
    "scorecard_tier", "scorecard_since", "override_id", "override_tier", "override_until", "people_only",
    "people_since", "profile_revision",
)  # fmt: skip


def _required(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    for column in (
        sa.Column("scorecard_tier", sa.Text),
        sa.Column("scorecard_since", _at),
        sa.Column("override_id", sa.Uuid),
        sa.Column("override_tier", sa.Text),
        sa.Column("override_until", _at),
        sa.Column("people_only", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("people_since", _at),
        sa.Column("profile_revision", sa.BigInteger, nullable=False, server_default="0"),
    ):
        op.add_column("standings", column)
    op.create_index("standings_for_people", "standings", ["customer_id"], postgresql_where=sa.text("people_only"))
    _allow(", 'override'")
    op.create_table(
        "overrides",
        sa.Column("override_id", sa.Uuid, primary_key=True),
        *_required(sa.Text(), "customer_id", "tier", "reason"),
        sa.Column("note", sa.LargeBinary),
        *_required(_at, "until"),
        *_required(sa.Text(), "proposed_by"),
        *_required(_at, "proposed_at"),
    )
    op.create_index("overrides_by_customer", "overrides", ["customer_id", "override_id"])
    op.create_table(
        "override_acts",
        sa.Column("act_id", sa.BigInteger, sa.Identity(), primary_key=True),
        *_required(sa.Uuid(), "override_id"),
        *_required(sa.Text(), "act", "done_by"),
        *_required(_at, "done_at"),
        sa.Column("reason", sa.Text),
        sa.Column("revision", sa.Integer),
        sa.CheckConstraint(_ACTS, name="override_acts_act"),
    )
    op.create_index("override_acts_by_override", "override_acts", ["override_id", "act_id"])
    op.create_table(
        "appeals",
        sa.Column("appeal_id", sa.Uuid, primary_key=True),
        *_required(sa.Text(), "customer_id"),
        *_required(sa.Integer(), "revision"),
        sa.Column("note", sa.LargeBinary),
        *_required(sa.Text(), "opened_by"),
        *_required(_at, "opened_at", "due_at"),
    )
    op.create_index("appeals_by_customer", "appeals", ["customer_id", "revision"])
    op.create_index("appeals_by_due_time", "appeals", ["due_at", "appeal_id"])
    op.create_table(
        "appeal_answers",
        sa.Column("appeal_id", sa.Uuid, primary_key=True),
        *_required(sa.Text(), "outcome", "reason"),
        sa.Column("note", sa.LargeBinary),
        sa.Column("override_id", sa.Uuid),
        *_required(sa.Text(), "answered_by"),
        *_required(_at, "answered_at"),
        sa.CheckConstraint("(outcome = 'changed') = (override_id IS NOT NULL)", name="appeal_answers_change"),
    )
    # The application role may write every table; these only grow, whoever asks.
    op.execute(
        "CREATE FUNCTION refuse_to_alter_what_people_did() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    for table in _GROWING:
        op.execute(
            f"CREATE TRIGGER {table}_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_what_people_did()"
        )


def _allow(more: str) -> None:
    op.drop_constraint("decisions_cause", "decisions")
    op.create_check_constraint("decisions_cause", "decisions", _CAUSES.format(more=more))


def downgrade() -> None:
    """Refused by the database as long as an override has decided: the former version does not know that cause."""
    for table in reversed(_GROWING):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_to_alter_what_people_did()")
    _allow("")
    op.drop_index("standings_for_people", "standings")
    for column in _PEOPLES:
        op.drop_column("standings", column)
