"""What accounts are, as the bank told last of each."""

from collections.abc import Collection

from sqlalchemy import Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.risk.domain.accounts import Standing
from churn_alert.risk.store.accounts import account_of
from churn_alert.risk.store.risks import risks

_OF = select(risks.c.customer_id, risks.c.accounts).where(
    risks.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text)))
)


async def standings_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[tuple[str, str], Standing]:
    """By customer and account, of those accounts of which the bank told anything."""
    found: dict[tuple[str, str], Standing] = {}
    for customer_id, accounts in await connection.execute(_OF, {"ids": sorted(customer_ids)}):
        for account_id, *account in accounts:
            if (standing := account_of(*account).standing) is not None:
                found[customer_id, account_id] = standing
    return found
