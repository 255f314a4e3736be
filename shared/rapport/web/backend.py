"""What stands behind a service's routes, made once by its main and found by every operation on `request.app.state`.

The one place that says to the database who asks: what a request reads and writes goes through here.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from rapport.messaging.transaction import Transactions
from rapport.privacy.encryption import ServiceCipher
from rapport.row_security import ALL, NOTHING, Sight
from rapport.web.authentication import Authenticator
from rapport.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Backend:
    """`state` holds the service's own objects by name; an operation finds each on `request.app.state.<name>`."""

    service: str
    engine: AsyncEngine
    transactions: Transactions
    authenticator: Authenticator
    cipher: ServiceCipher
    has_row_security: bool = False
    reader: AsyncEngine = field(init=False)

    def __post_init__(self) -> None:
        # What is said of a caller ends with the transaction, so a secured service reads in one.
        reader = self.engine if self.has_row_security else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        object.__setattr__(self, "reader", reader)

    def sight_of(self, principal: Principal | None) -> Sight | None:
        """Whose customers this caller sees; None where the service's tables are not secured by row."""
        if not self.has_row_security:
            return None
        return NOTHING if principal is None else principal.sight


def backend(request: Request) -> Backend:
    """The backend of the app that serves this request."""
    found: Backend = request.app.state.backend
    return found


def read(request: Request) -> AbstractAsyncContextManager[AsyncConnection]:
    """`async with read(request) as connection:` for reading, each statement on its own: no BEGIN and COMMIT.

    What must come from one moment is read in one statement. Where tables are secured by row there is a transaction, and
    what is read is what the caller may see; before the caller is known, nothing.
    """
    behind = backend(request)
    sight = behind.sight_of(getattr(request.state, "principal", None))
    return behind.reader.connect() if sight is None else _in_sight(behind.reader, sight)


def read_snapshot(request: Request) -> AbstractAsyncContextManager[AsyncConnection]:
    """As `read`, for several statements that must come from one moment: that of the first."""
    behind = backend(request)
    sight = behind.sight_of(getattr(request.state, "principal", None))
    return _in_sight(behind.engine, sight, isolation_level="REPEATABLE READ", postgresql_readonly=True)


def read_unseen(request: Request) -> AbstractAsyncContextManager[AsyncConnection]:
    """As `read`, and rows that the caller does not see as well: for what follows from them and shows none of them.

    Whether the caller may ask at all was decided before.
    """
    behind = backend(request)
    return _in_sight(behind.reader, ALL) if behind.has_row_security else behind.reader.connect()


@asynccontextmanager
async def _in_sight(reader: AsyncEngine, sight: Sight | None, **options: Any) -> AsyncIterator[AsyncConnection]:
    async with reader.connect() as connection:
        await connection.execution_options(sight=sight, **options)
        async with connection.begin():
            yield connection
