"""The life of each file to its end: steps that only grow, holds, batches two people agree to, and who is archived."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "customer_profile_0022"
down_revision = "customer_profile_0021"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)
_SIGHT = "(SELECT current_setting('rapport.sight', true))"
_SUBJECT = "(SELECT current_setting('rapport.subject', true))"
_ARCHIVE = "(SELECT current_setting('rapport.archive', true))"
_TEAM = (
    "SELECT mate.employee_id FROM employees mate JOIN employees led ON led.unit = mate.unit "
    f"WHERE led.active AND led.employee_id = {_SUBJECT}"
)
_IN_SIGHT = (
    f"CASE {_SIGHT} WHEN 'all' THEN true WHEN 'own' THEN relationship_manager = {_SUBJECT} "
    f"WHEN 'team' THEN relationship_manager = {_SUBJECT} OR relationship_manager IN ({_TEAM}) "
    f"WHEN 'customer' THEN customer_id IN (SELECT files_of_person({_SUBJECT})) ELSE false END"
)
_STEPS = "'collected', 'restricted', 'exited', 'resumed', 'archived', 'destroyed'"
# What was recorded before there was this ledger, under the catalogue's only version until then.
_BACKFILL = """
INSERT INTO file_steps (step_id, customer_id, step, by, policy_version, occurred_at, recorded_at)
SELECT gen_random_uuid(), customer_id, 'collected', done_by, 1, occurred_at, recorded_at
    FROM status_steps WHERE from_state IS NULL
UNION ALL SELECT step_id, customer_id,
    CASE WHEN to_state IN ('restricted', 'exited') THEN to_state ELSE 'resumed' END,
    done_by, 1, occurred_at, recorded_at
    FROM status_steps WHERE from_state IS NOT NULL OR to_state IN ('restricted', 'exited')
"""


def upgrade() -> None:
    op.add_column("profiles", sa.Column("archived_at", _at))
    op.create_index(
        "profiles_archived", "profiles", ["customer_id"], postgresql_where=sa.text("archived_at IS NOT NULL")
    )
    op.execute(
        f"ALTER POLICY in_sight ON profiles USING ((archived_at IS NULL OR {_ARCHIVE} = 'open') AND {_IN_SIGHT})"
    )
    op.create_table(
        "file_steps",
        sa.Column("step_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("rule", sa.Text),
        sa.Column("policy_version", sa.Integer, nullable=False),
        sa.Column("batch_id", sa.Uuid),
        sa.Column("counts", JSONB),
        sa.Column("digest", sa.Text),
        sa.Column("occurred_at", _at, nullable=False),
        sa.Column("recorded_at", _at, nullable=False),
        sa.CheckConstraint(f"step IN ({_STEPS})", name="file_steps_step"),
        sa.CheckConstraint(
            "(step IN ('archived', 'destroyed')) = (digest IS NOT NULL AND counts IS NOT NULL AND rule IS NOT NULL)",
            name="file_steps_proof",
        ),
    )
    op.create_index("file_steps_by_customer", "file_steps", ["customer_id", "step_id"])
    op.create_index(
        "file_steps_destroyed", "file_steps", ["customer_id"], unique=True,
        postgresql_where=sa.text("step = 'destroyed'"),
    )  # fmt: skip
    op.execute(_BACKFILL)
    _make_agreements()
    for table in ("file_steps", "legal_holds", "retention_items"):
        op.execute(f"CALL keep_in_sight('{table}')")
    op.execute(
        "CREATE FUNCTION refuse_to_alter_file_steps() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'file_steps only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER file_steps_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON file_steps "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_file_steps()"
    )


def _make_agreements() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("hold_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", _at, nullable=False),
        sa.Column("release_asked_by", sa.Text),
        sa.Column("release_asked_at", _at),
        sa.Column("released_by", sa.Text),
        sa.Column("released_at", _at),
        sa.CheckConstraint("(released_by IS NULL) = (released_at IS NULL)", name="legal_holds_released"),
        sa.CheckConstraint(
            "released_by IS NULL OR (release_asked_by IS NOT NULL AND released_by <> release_asked_by)",
            name="legal_holds_two_people",
        ),
    )
    op.create_index("legal_holds_by_customer", "legal_holds", ["customer_id", "hold_id"])
    op.create_table(
        "retention_batches",
        sa.Column("batch_id", sa.Uuid, primary_key=True),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("policy_version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("proposed_at", _at, nullable=False),
        sa.Column("confirmed_by", sa.Text),
        sa.Column("confirmed_at", _at),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", _at),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'approved', 'refused')", name="retention_batches_state"),
        sa.CheckConstraint(
            "state <> 'approved' OR (confirmed_by IS NOT NULL AND decided_by IS NOT NULL "
            "AND decided_by <> confirmed_by)",
            name="retention_batches_two_people",
        ),
    )
    op.create_table(
        "retention_items",
        sa.Column("batch_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("done_at", _at),
        sa.CheckConstraint("action IN ('archive', 'destroy')", name="retention_items_action"),
        sa.CheckConstraint("outcome IN ('archived', 'destroyed', 'not-due')", name="retention_items_outcome"),
        sa.CheckConstraint("(outcome IS NULL) = (done_at IS NULL)", name="retention_items_done"),
    )
    op.create_index("retention_items_by_customer", "retention_items", ["customer_id", "batch_id"])


def downgrade() -> None:
    for table in ("retention_items", "retention_batches", "legal_holds", "file_steps"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_to_alter_file_steps()")
    op.execute(f"ALTER POLICY in_sight ON profiles USING ({_IN_SIGHT})")
    op.drop_index("profiles_archived", "profiles")
    op.drop_column("profiles", "archived_at")
