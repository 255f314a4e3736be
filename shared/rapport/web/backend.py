"""What stands behind a service's routes, made once by its main and found by every operation on `request.app.state`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from rapport.messaging.transaction import Transactions
from rapport.privacy.encryption import ServiceCipher
from rapport.web.authentication import Authenticator


@dataclass(frozen=True, slots=True)
class Backend:
    """`state` holds the service's own objects by name; an operation finds each on `request.app.state.<name>`."""

    service: str
    engine: AsyncEngine
    transactions: Transactions
    authenticator: Authenticator
    cipher: ServiceCipher


def backend(request: Request) -> Backend:
    """The backend of the app that serves this request."""
    found: Backend = request.app.state.backend
    return found


@asynccontextmanager
async def read(request: Request) -> AsyncIterator[AsyncConnection]:
    """A connection for reading, each statement on its own: no BEGIN and COMMIT to wait for.

    What must come from one moment is read in one statement.
    """
    async with backend(request).engine.connect() as connection:
        yield await connection.execution_options(isolation_level="AUTOCOMMIT")
