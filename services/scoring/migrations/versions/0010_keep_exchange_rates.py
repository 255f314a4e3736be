"""Exchange rates, each with the moment it was known, and what customers have in other currencies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "scoring_0010"
down_revision = "scoring_0009"
branch_labels = None
depends_on = None

_at = sa.DateTime(timezone=True)


def _required(kind: sa.types.TypeEngine, *names: str) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "exchange_rates",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
        *_required(sa.Text(), "base", "quote", "rate"),
        *_required(sa.Date(), "rate_date"),
        *_required(_at, "told_at", "known_at"),
    )
    op.execute(
        "CREATE FUNCTION refuse_to_alter_rates() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'exchange_rates only grows' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER exchange_rates_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON exchange_rates "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_rates()"
    )
    op.add_column("standings", sa.Column("foreign_accounts", JSONB))


def downgrade() -> None:
    # Code of before knows three cells of a valuation, and breaks on the fourth, what is held in other currencies.
    op.execute(
        "UPDATE standings SET valuations = (SELECT jsonb_agg(cells - 3 ORDER BY place) "
        "FROM jsonb_array_elements(valuations) WITH ORDINALITY AS told(cells, place)) "
        "WHERE jsonb_path_exists(valuations, '$[*][3]')"
    )
    op.drop_column("standings", "foreign_accounts")
    op.drop_table("exchange_rates")
    op.execute("DROP FUNCTION refuse_to_alter_rates()")
