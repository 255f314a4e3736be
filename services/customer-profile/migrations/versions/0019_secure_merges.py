"""Merges are seen by who sees all customers: each names two files, and not whose they are."""

from alembic import op

revision = "customer_profile_0019"
down_revision = "customer_profile_0018"
branch_labels = None
depends_on = None

_TABLES = ("merge_acts", "merge_proposals")


def upgrade() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY in_sight ON {table} USING ((SELECT current_setting('rapport.sight', true)) = 'all')")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP POLICY in_sight ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
