"""A part of a transaction that may fail for good without the rest."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rapport.messaging.transaction import Transaction


@asynccontextmanager
async def savepoint(tx: Transaction) -> AsyncIterator[None]:
    """On an error inside, what was written and told since is undone; the error goes on, and so may the transaction.

    Not for what refuses, parks or wakes events: their accounting is the whole poll's.
    """
    told, ordinals = len(tx.told), dict(tx.ordinals)
    try:
        async with tx.connection.begin_nested():
            yield
    except BaseException:
        del tx.told[told:]
        tx.ordinals = ordinals
        raise
