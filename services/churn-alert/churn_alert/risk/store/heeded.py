"""What risks know of words on their customers: consents, restrictions, and up to which revision."""

from collections.abc import Collection, Mapping

from sqlalchemy import Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.risk.domain.peace import Care
from churn_alert.risk.store.risks import risks
from rapport.database import update_columns

_CARES = select(risks.c.customer_id, risks.c.consent_refused, risks.c.without_feedback).where(
    risks.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text)))
)
_RESTRICTED = select(risks.c.customer_id).where(
    risks.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))), risks.c.is_restricted
)


async def cares_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Care]:
    """What of the consents on these files their risks know."""
    rows = await connection.execute(_CARES, {"ids": sorted(customer_ids)})
    return {customer_id: Care(refused, without) for customer_id, refused, without in rows}


async def restricted(connection: AsyncConnection, customer_ids: Collection[str]) -> set[str]:
    """Those of these files whose relationship is restricted or over."""
    return set((await connection.execute(_RESTRICTED, {"ids": sorted(customer_ids)})).scalars())


async def note_revisions(connection: AsyncConnection, revisions: Mapping[str, int]) -> None:
    """Keep the revisions of words that changed nothing, so that an older one changes nothing after them."""
    if revisions:
        await update_columns(connection, risks, ("profile_revision",), revisions.items())
