"""Whether a customer is in sight is asked by a function: PostgreSQL plans its query once, not in each statement anew.

A condition that is a query is planned with every table that a statement names: 120 plans within that of a portrait. The
function's query is bound to the table as it is made, as a policy's is, and is itself held to the policy of `profiles`.
"""

from alembic import op

revision = "customer_profile_0023"
down_revision = "customer_profile_0022"
branch_labels = None
depends_on = None

_SIGHT = "(SELECT current_setting('rapport.sight', true))"
_BY_FUNCTION = "customer_in_sight(customer_id)"
_BY_QUERY = "EXISTS (SELECT FROM profiles WHERE profiles.customer_id = %1$s.customer_id)"


def upgrade() -> None:
    # A function with a query in it is never put into the statement that calls it.
    op.execute(
        "CREATE FUNCTION customer_in_sight(asked text) RETURNS boolean LANGUAGE sql STABLE "
        "BEGIN ATOMIC SELECT EXISTS (SELECT FROM profiles WHERE profiles.customer_id = asked); END"
    )
    _keep_by(_BY_FUNCTION, instead_of="FROM profiles")


def downgrade() -> None:
    _keep_by(_BY_QUERY, instead_of="customer_in_sight")
    op.execute("DROP FUNCTION customer_in_sight(text)")


def _keep_by(question: str, *, instead_of: str) -> None:
    """In the tables that are kept in sight by the other question, and in those that later migrations name."""
    condition = f"{_SIGHT} = 'all' OR {question}"
    op.execute(
        "CREATE OR REPLACE PROCEDURE keep_in_sight(kept regclass) LANGUAGE plpgsql AS $$ BEGIN "
        "EXECUTE format('ALTER TABLE %1$s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', kept); "
        f"EXECUTE format($policy$CREATE POLICY in_sight ON %1$s USING ({condition})$policy$, kept); "
        "END $$"
    )
    op.execute(
        "DO $$ DECLARE kept regclass; BEGIN FOR kept IN SELECT polrelid FROM pg_policy WHERE polname = 'in_sight' "
        f"AND polrelid <> 'profiles'::regclass AND pg_get_expr(polqual, polrelid) LIKE '%{instead_of}%' LOOP "
        f"EXECUTE format($policy$ALTER POLICY in_sight ON %1$s USING ({condition})$policy$, kept); "
        "END LOOP; END $$"
    )
