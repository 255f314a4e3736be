"""What customers were told, or were to be told, and when the rest is decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "customer_profile_0010"
down_revision = "customer_profile_0009"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("template_version", sa.Integer, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("parameters", JSONB, nullable=False),
        sa.Column("channels", JSONB, nullable=False),
        sa.Column("not_before", _at),
        sa.Column("expires_at", _at, nullable=False),
        sa.Column("requested_at", _at, nullable=False),
        sa.Column("due_at", _at),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("adapter", sa.Text),
        sa.Column("sent_at", _at),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("answered_at", _at),
        sa.Column("reason", sa.Text),
        sa.CheckConstraint("(answered_at IS NULL) = (due_at IS NOT NULL)", name="contacts_due_until_answered"),
        sa.CheckConstraint("(reason IS NOT NULL) = (state = 'refused')", name="contacts_refused_with_a_reason"),
    )
    op.create_index("contacts_due", "contacts", ["partition", "due_at"])
    op.create_index("contacts_decided", "contacts", ["due_at"], postgresql_where="state = 'decided'")
    op.create_index("contacts_by_time", "contacts", ["customer_id", "requested_at", "request_id"])


def downgrade() -> None:
    op.drop_table("contacts")
