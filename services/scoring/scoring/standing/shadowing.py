"""What may look on while customers are decided: it sees each before and after every event, and has no say.

A shadow gets a connection for rows of its own and no transaction, so there is nothing it could tell anything with.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.messaging.transaction import Transaction
from scoring.standing.domain.state import Standing


class Shadows(Protocol):
    """Looks on at one batch."""

    def before(self, standing: Standing, at: datetime) -> None:
        """An event at `at` comes next; the customer is as before it."""

    def after(self, standing: Standing, at: datetime) -> None:
        """The customer was just decided on it."""

    async def save(self, connection: AsyncConnection, partition_of: Callable[[str], int]) -> None:
        """The batch is over."""


Shadowing = Callable[[AsyncConnection, Collection[str], datetime], Awaitable[Shadows | None]]
"""Who looks on at a batch of these customers at this moment of the system clock, if anybody does."""

Beside = Callable[[Transaction, Collection[str]], Awaitable[Shadows | None]]
"""The same for who tells something of its own, that decides nothing."""


class Together:
    """All who look on at one batch, as one."""

    def __init__(self, *looking: Shadows) -> None:
        self._looking = looking

    def before(self, standing: Standing, at: datetime) -> None:
        """See `Shadows`."""
        for one in self._looking:
            one.before(standing, at)

    def after(self, standing: Standing, at: datetime) -> None:
        """See `Shadows`."""
        for one in self._looking:
            one.after(standing, at)

    async def save(self, connection: AsyncConnection, partition_of: Callable[[str], int]) -> None:
        """See `Shadows`."""
        for one in self._looking:
            await one.save(connection, partition_of)
