"""What may look on while customers are decided: it sees each before and after every event, and has no say.

It gets a connection for rows of its own and no transaction, so there is nothing it could tell anything with.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

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
