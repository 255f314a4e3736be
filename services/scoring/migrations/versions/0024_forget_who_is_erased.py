"""Let what people did to tiers go with a customer who is destroyed, and stay with everybody else.

Additive: processes of the release before hear of no end. Taken back, nothing that people did can be deleted at all.
"""

from alembic import op

revision = "scoring_0024"
down_revision = "scoring_0023"
branch_labels = None
depends_on = "delivery_0006"

_WHOLES = ("overrides", "appeals", "hands")
_PARTS = {"override_acts": ("overrides", "override_id"), "appeal_answers": ("appeals", "appeal_id")}
_NOTES = ("overrides", "appeals", "appeal_answers")
"""Of these a note may be sealed anew, so altering has a trigger of its own."""
_REFUSE = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_what_people_did()"
_FUNCTION = """
CREATE FUNCTION keep_what_people_did() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE owner text := to_jsonb(OLD) ->> 'customer_id';
BEGIN
    IF owner IS NULL THEN
        EXECUTE format('SELECT customer_id FROM %I WHERE %I::text = $1', TG_ARGV[0], TG_ARGV[1])
        INTO owner USING to_jsonb(OLD) ->> TG_ARGV[1];
    END IF;
    IF EXISTS (SELECT FROM customers WHERE customer_id = owner AND erased_scope = 'destroyed') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def upgrade() -> None:
    op.execute(_FUNCTION)
    for table in (*_WHOLES, *_PARTS):
        op.execute(f"DROP TRIGGER {table}_only_grow ON {table}")
        acts = "TRUNCATE" if table in _NOTES else "UPDATE OR TRUNCATE"
        op.execute(f"CREATE TRIGGER {table}_only_grow BEFORE {acts} ON {table} {_REFUSE}")
        parent = ", ".join(f"'{name}'" for name in _PARTS.get(table, ()))
        op.execute(
            f"CREATE TRIGGER {table}_go_with_the_customer BEFORE DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION keep_what_people_did({parent})"
        )
    op.create_index("hands_by_customer", "hands", ["customer_id"])


def downgrade() -> None:
    op.drop_index("hands_by_customer", "hands")
    for table in (*_WHOLES, *_PARTS):
        op.execute(f"DROP TRIGGER {table}_go_with_the_customer ON {table}")
        op.execute(f"DROP TRIGGER {table}_only_grow ON {table}")
        acts = "DELETE OR TRUNCATE" if table in _NOTES else "UPDATE OR DELETE OR TRUNCATE"
        op.execute(f"CREATE TRIGGER {table}_only_grow BEFORE {acts} ON {table} {_REFUSE}")
    op.execute("DROP FUNCTION keep_what_people_did()")
