"""What stands behind a service's routes, made once by its main and found by every operation on `request.app.state`."""

from dataclasses import dataclass, field

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
    reader: AsyncEngine = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", self.engine.execution_options(isolation_level="AUTOCOMMIT"))


def backend(request: Request) -> Backend:
    """The backend of the app that serves this request."""
    found: Backend = request.app.state.backend
    return found


def read(request: Request) -> AsyncConnection:
    """`async with read(request) as connection:` for reading, each statement on its own: no BEGIN and COMMIT.

    What must come from one moment is read in one statement.
    """
    return backend(request).reader.connect()
