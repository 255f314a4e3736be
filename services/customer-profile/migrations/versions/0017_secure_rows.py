"""Whose customers a caller sees, kept by the database itself; and the bank's employees, who make up teams."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0017"
down_revision = "customer_profile_0016"
branch_labels = None
depends_on = None

_OF_A_CUSTOMER = (
    "accounts",
    "customer_changes",
    "status_steps",
    "consent_acts",
    "contacts",
    "portrait_facts",
    "portrait_months",
    "account_holders",
    "core_postings",
    "merged_files",
    "corrections",
    "quality_issues",
)
_OF_NO_ONE = ("look_ups", "duplicate_pairs", "duplicate_decisions")
_SIGHT = "(SELECT current_setting('rapport.sight', true))"
_SUBJECT = "(SELECT current_setting('rapport.subject', true))"
_TEAM = (
    "SELECT mate.employee_id FROM employees mate JOIN employees led ON led.unit = mate.unit "
    f"WHERE led.active AND led.employee_id = {_SUBJECT}"
)


def upgrade() -> None:
    op.create_table(
        "employees",
        sa.Column("employee_id", sa.Text, primary_key=True),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("employees_by_unit", "employees", ["unit", "employee_id"])
    _secure(
        "profiles",
        f"CASE {_SIGHT} WHEN 'all' THEN true WHEN 'own' THEN relationship_manager = {_SUBJECT} "
        f"WHEN 'team' THEN relationship_manager = {_SUBJECT} OR relationship_manager IN ({_TEAM}) "
        f"WHEN 'customer' THEN customer_id = {_SUBJECT} ELSE false END",
    )
    for table in _OF_NO_ONE:
        _secure(table, f"{_SIGHT} = 'all'")
    # What belongs to a customer is seen by who sees the customer. A later table says CALL keep_in_sight('<table>').
    op.execute(
        "CREATE PROCEDURE keep_in_sight(kept regclass) LANGUAGE plpgsql AS $$ BEGIN "
        "EXECUTE format('ALTER TABLE %1$s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', kept); "
        "EXECUTE format($policy$CREATE POLICY in_sight ON %1$s USING ("
        f"{_SIGHT} = 'all' OR EXISTS (SELECT FROM profiles WHERE profiles.customer_id = %1$s.customer_id)"
        ")$policy$, kept); END $$"
    )
    for table in _OF_A_CUSTOMER:
        op.execute(f"CALL keep_in_sight('{table}')")


def _secure(table: str, condition: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY in_sight ON {table} USING ({condition})")


def downgrade() -> None:
    op.execute("DROP PROCEDURE keep_in_sight(regclass)")
    for table in (*_OF_A_CUSTOMER, *_OF_NO_ONE, "profiles"):
        op.execute(f"DROP POLICY in_sight ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
    op.drop_table("employees")
