"""A token that acts for one customer sees all files of that person, as one who signs in has one customer in mind."""

from alembic import op

revision = "customer_profile_0021"
down_revision = "customer_profile_0020"
branch_labels = None
depends_on = None

_SIGHT = "(SELECT current_setting('rapport.sight', true))"
_SUBJECT = "(SELECT current_setting('rapport.subject', true))"
_TEAM = (
    "SELECT mate.employee_id FROM employees mate JOIN employees led ON led.unit = mate.unit "
    f"WHERE led.active AND led.employee_id = {_SUBJECT}"
)


def _see(own: str) -> None:
    op.execute(
        f"ALTER POLICY in_sight ON profiles USING (CASE {_SIGHT} WHEN 'all' THEN true "
        f"WHEN 'own' THEN relationship_manager = {_SUBJECT} "
        f"WHEN 'team' THEN relationship_manager = {_SUBJECT} OR relationship_manager IN ({_TEAM}) "
        f"WHEN 'customer' THEN {own} ELSE false END)"
    )


def upgrade() -> None:
    # Who is one person is asked with all in sight: the policies of merged_files and profiles would ask each other.
    op.execute(
        "CREATE FUNCTION files_of_person(file text) RETURNS SETOF text LANGUAGE plpgsql STABLE AS $$ "
        "DECLARE sight text := current_setting('rapport.sight', true); BEGIN "
        "PERFORM set_config('rapport.sight', 'all', true); "
        "RETURN QUERY SELECT file UNION SELECT other.customer_id FROM merged_files asked "
        "JOIN merged_files own ON own.customer_id = asked.survivor AND own.survivor = own.customer_id "
        "AND own.revision = asked.revision "
        "JOIN merged_files other ON other.survivor = own.customer_id AND other.revision = own.revision "
        "WHERE asked.customer_id = file; "
        "PERFORM set_config('rapport.sight', coalesce(sight, ''), true); END $$"
    )
    _see(f"customer_id IN (SELECT files_of_person({_SUBJECT}))")


def downgrade() -> None:
    _see(f"customer_id = {_SUBJECT}")
    op.execute("DROP FUNCTION files_of_person(text)")
