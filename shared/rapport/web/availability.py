"""Which errors mean "a dependency is away or too slow", as opposed to "we made a mistake".

The first are the caller's to retry (503); the second are ours (500). By SQLSTATE, not by the texts of drivers.
"""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rapport.errors import sqlstate

# 08 connection, 53 out of resources, 57 operator intervention (restart, statement time-out 57014), 58 system error,
# 40 deadlock or serialization, 55P03 lock not available, 25P03 idle in transaction time-out.
_CLASSES = ("08", "53", "57", "58", "40")
_CODES = ("55P03", "25P03")


def is_unavailable(error: BaseException) -> bool:
    """True for a lost or refused connection, an exhausted pool, a time-out or a restart."""
    code = sqlstate(error)
    if code is not None:
        return code.startswith(_CLASSES) or code in _CODES
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(
        error,
        PoolTimeout | TimeoutError | OSError | OperationalError | InterfaceError | asyncpg.InterfaceError,
    )
