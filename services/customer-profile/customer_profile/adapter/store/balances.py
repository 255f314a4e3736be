"""The last word on accounts, and whose customers have a file: for comparing them with a core's own list."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.adapter.domain.reconciling import Balance, Held
from rapport.database import fetch

_LAST = (
    "SELECT w.account_id, w.customer_id, a.as_of, a.balance_minor, a.currency, a.status, "
    "p.customer_id IS NULL AS is_stranger "
    "FROM unnest($1::text[], $2::text[]) AS w(account_id, customer_id) "
    "LEFT JOIN accounts a USING (customer_id, account_id) LEFT JOIN profiles p ON p.customer_id = w.customer_id"
)


async def last_balances(
    connection: AsyncConnection, accounts: Collection[Held]
) -> tuple[dict[Held, Balance], set[str]]:
    """The last word on each of these, of those that were told; and which of their customers have no file."""
    if not accounts:
        return {}, set()
    rows = await fetch(connection, _LAST, *zip(*accounts, strict=True))
    told = {Held(*row[:2]): Balance(*row[2:6]) for row in map(tuple, rows) if row[2] is not None}
    return told, {row["customer_id"] for row in rows if row["is_stranger"]}
