"""Which files hang on a key that is not the newest, a page at a time."""

from sqlalchemy import ColumnElement, and_, column, exists, func, or_, select, table, update
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain import INDEXED
from customer_profile.customer.store.files import profiles

_keys = table("data_keys", column("customer_id"))
_HAS_KEY = exists().where(_keys.c.customer_id == profiles.c.customer_id)


def _unindexed(current: bytes) -> ColumnElement[bool]:
    """Files with a number that is not indexed, or under another key than the one whose indexes begin so."""
    index = {field: profiles.c[f"{field}_index"] for field in INDEXED}
    stale = [
        and_(profiles.c[f].is_not(None), func.coalesce(func.substring(index[f], 1, 2), b"") != current) for f in INDEXED
    ]
    return and_(_HAS_KEY, or_(*stale))


async def count_unindexed(connection: AsyncConnection, current: bytes) -> int:
    """How many files there are to index."""
    wanted = select(func.count()).select_from(profiles).where(_unindexed(current))
    return (await connection.execute(wanted)).scalar_one()


async def unindexed(connection: AsyncConnection, current: bytes, *, after: str, limit: int) -> list[str]:
    """The next customers to index, in order of their id."""
    wanted = select(profiles.c.customer_id).where(_unindexed(current), profiles.c.customer_id > after)
    return list((await connection.execute(wanted.order_by(profiles.c.customer_id).limit(limit))).scalars())


async def forget_erased(connection: AsyncConnection) -> None:
    """Who is erased, because the key is destroyed, is found by no number any more."""
    nothing = {f"{field}_index": None for field in INDEXED}
    indexed = or_(*(profiles.c[name].is_not(None) for name in nothing))
    await connection.execute(update(profiles).where(indexed, ~_HAS_KEY).values(nothing))
