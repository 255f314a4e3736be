"""Classes of customers, and every change of them as it came to be known."""

import sqlalchemy as sa
from alembic import op

revision = "scoring_0011"
down_revision = "scoring_0010"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def _required(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "customer_classes",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("dimension", sa.Text, primary_key=True),
        *_required(sa.Text(), "value"),
        *_required(_at, "since"),
        *_required(sa.BigInteger(), "revision"),
    )
    op.create_table(
        "class_changes",
        sa.Column("change_id", sa.BigInteger, sa.Identity(), primary_key=True),
        *_required(sa.Text(), "customer_id", "dimension", "value"),
        *_required(_at, "since", "known_at"),
    )
    op.create_index("class_changes_by_customer", "class_changes", ["customer_id", "change_id"])
    # The application role may write every table; what was known is never altered. A right to erasure may ask it to go.
    op.execute(
        "CREATE TRIGGER class_changes_only_grow BEFORE UPDATE ON class_changes "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_what_people_did()"
    )


def downgrade() -> None:
    for table in ("class_changes", "customer_classes"):
        op.drop_table(table)
