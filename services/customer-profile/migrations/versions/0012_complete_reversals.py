"""The kind of what may be taken back, what was taken back already, and which ciphers seal identity."""

import sqlalchemy as sa
from alembic import op

revision = "customer_profile_0012"
down_revision = "customer_profile_0011"
branch_labels = None
depends_on = None

_IDENTITY = ("full_name", "id_type", "id_number", "phone", "email", "address")


def upgrade() -> None:
    op.add_column("core_postings", sa.Column("kind", sa.Text, nullable=True))
    op.create_index(
        "core_postings_by_original",
        "core_postings",
        ["source", "reverses"],
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    _say("C2, AES-256-GCM or SM4-GCM, as its first byte says, under the key of the customer")


def downgrade() -> None:
    op.drop_index("core_postings_by_original", "core_postings")
    op.drop_column("core_postings", "kind")
    _say("C2, AES-256-GCM under the key of the customer")


def _say(comment: str) -> None:
    for field in _IDENTITY:
        op.alter_column("profiles", field, existing_type=sa.LargeBinary, comment=comment)
