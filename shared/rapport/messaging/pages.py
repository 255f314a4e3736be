"""Upkeep of many customers: a page of them in each transaction, until what is left are those whom somebody holds."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.messaging.sweeper import Limits
from rapport.messaging.transaction import Transaction, Transactions

PAGE = 500
Behind = Callable[[AsyncConnection, int], Awaitable[Sequence[str]]]
"""At most so many customers of whom there is something to be done; none of them once it is done."""
Work = Callable[[Transaction, list[str]], Awaitable[None]]
"""Does it for customers who are held: what is read of them is read here."""


async def page_by_page(transactions: Transactions, behind: Behind, work: Work, *, limits: Limits | None = None) -> None:
    """Until a page is not full. The busy have their turn later: with the next round of upkeep. `limits`: of the clock,
    for work that takes silence for something."""
    is_going_on = True
    while is_going_on:
        async with transactions.begin() as tx:
            if limits:
                tx.limits = await limits(tx.connection, tx.service, tx.now)
            free = await tx.lock_free(await behind(tx.connection, PAGE))
            await work(tx, free)
        is_going_on = len(free) == PAGE
