"""What people wrote may be sealed anew under another key of its customer; all else that they did only grows, as before.

Nothing that the release before does is refused.
"""

from alembic import op

revision = "scoring_0021"
down_revision = "scoring_0020"
branch_labels = None
depends_on = None

_NOTES = ("overrides", "appeals", "appeal_answers")
_REFUSE = "EXECUTE FUNCTION refuse_to_alter_what_people_did()"


def upgrade() -> None:
    for table in _NOTES:
        op.execute(f"DROP TRIGGER {table}_only_grow ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_only_grow BEFORE DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT {_REFUSE}"
        )
        op.execute(
            f"CREATE TRIGGER {table}_never_altered BEFORE UPDATE ON {table} FOR EACH ROW "
            "WHEN (to_jsonb(OLD) - 'note' IS DISTINCT FROM to_jsonb(NEW) - 'note' "
            f"OR (OLD.note IS NULL) <> (NEW.note IS NULL)) {_REFUSE}"
        )


def downgrade() -> None:
    for table in _NOTES:
        op.execute(f"DROP TRIGGER {table}_never_altered ON {table}")
        op.execute(f"DROP TRIGGER {table}_only_grow ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT {_REFUSE}"
        )
