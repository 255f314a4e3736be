"""What customer-profile tells when a file has ended, and where a token is still found in a service's database."""

from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.events.customer_profile import CustomerErased
from tests.support.delivering import NOON

MARK = "customers"
"""The one table in which an erased customer is still named."""
_TABLES = text(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%' ORDER BY 1"
)


def erased(customer_id: str = "c-1", scope: Literal["archived", "destroyed"] = "destroyed") -> CustomerErased:
    rule = "relationship" if scope == "archived" else "transaction"
    return CustomerErased(customer_id=customer_id, scope=scope, rule=rule, policy_version=1, as_of=NOON)


async def found_in(engine: AsyncEngine, token: str, *, beside: frozenset[str] = frozenset()) -> dict[str, int]:
    """How many rows of which tables hold this token in any column: as text, within a document, or as bytes."""
    found: dict[str, int] = {}
    async with engine.connect() as connection:
        for table in (await connection.execute(_TABLES)).scalars().all():
            # A word of its own: c-1 is not found in c-11. As bytes it is found wherever it begins.
            looked_for = {"word": rf"\m{token}\M", "hex": token.encode().hex()}
            count = await connection.execute(
                text(f"SELECT count(*) FROM {table} t WHERE t::text ~ :word OR strpos(t::text, :hex) > 0"),
                looked_for,
            )
            if (rows := count.scalar_one()) and table not in beside:
                found[table] = rows
    return found
