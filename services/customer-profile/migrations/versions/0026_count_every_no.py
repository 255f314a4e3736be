"""The acts of consent on all files of a person, by a function, so that the one read of a portrait counts a no on a file
that its caller does not see. Of a person none of whose files the caller asks for in sight it says nothing.
"""

from alembic import op

revision = "customer_profile_0026"
down_revision = "customer_profile_0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Which files are the person's is asked with all in sight, as files_of_person does it; then as it was.
    op.execute(
        "CREATE FUNCTION acts_of_person(file text) RETURNS SETOF consent_acts LANGUAGE plpgsql STABLE ROWS 20 AS $$ "
        "DECLARE sight text := current_setting('rapport.sight', true); BEGIN "
        "IF NOT customer_in_sight(file) THEN RETURN; END IF; "
        "PERFORM set_config('rapport.sight', 'all', true); "
        "RETURN QUERY SELECT * FROM consent_acts WHERE customer_id = ANY(ARRAY(SELECT files_of_person(file))); "
        "PERFORM set_config('rapport.sight', coalesce(sight, ''), true); END $$"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION acts_of_person(text)")
