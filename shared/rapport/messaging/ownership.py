"""What this process owns, by advisory locks on a connection of its own: its instance number and its outbox partitions.

The database decides, since two processes with one group instance id evict each other for ever without an error, and two
relays of one partition could put an old state after a new one. A frozen owner loses the connection within 15 s.
"""

from collections.abc import Iterable
from contextlib import suppress

import asyncpg

_PARTITION_SPACE = 0x52454C
_INSTANCE_SPACE = 0x494E53
_INSTANCES = 256


class Ownership:
    """Locks of one process in its service's database. Not safe for use by two tasks at once."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn.replace("postgresql+asyncpg://", "postgresql://")
        self._connection: asyncpg.Connection | None = None
        self._partitions: set[int] = set()
        self._instance: int | None = None

    async def claim_instance(self) -> int:
        """The lowest instance number that no other process holds. A process that starts again gets its old one."""
        connection = await self._open()
        if self._instance is None:
            for number in range(_INSTANCES):
                if await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", _INSTANCE_SPACE, number):
                    self._instance = number
                    return number
            raise RuntimeError(f"all {_INSTANCES} instance numbers are taken")
        return self._instance

    async def hold(self, wanted: Iterable[int]) -> frozenset[int]:
        """Take and give back partition locks until as many as possible of `wanted` are held; answers which are.

        Also the ping that keeps the connection alive: call it at least every 5 s.
        """
        connection = await self._open()
        try:
            return await self._hold(connection, set(wanted))
        except BaseException:
            # Half done, what we believe and what the server knows may differ: without a connection both hold nothing.
            connection.terminate()
            raise

    async def _hold(self, connection: "asyncpg.Connection", want: set[int]) -> frozenset[int]:
        for partition in self._partitions - want:
            await connection.execute("SELECT pg_advisory_unlock($1, $2)", _PARTITION_SPACE, partition)
        self._partitions &= want
        missing = sorted(want - self._partitions)
        rows = await connection.fetch(
            "SELECT p FROM unnest($2::int[]) AS p WHERE pg_try_advisory_lock($1, p)", _PARTITION_SPACE, missing
        )
        self._partitions |= {row["p"] for row in rows}
        return frozenset(self._partitions)

    @property
    def has_instance(self) -> bool:
        """False once the connection was lost and with it the instance number."""
        return self._instance is not None and self._connection is not None and not self._connection.is_closed()

    async def _open(self) -> "asyncpg.Connection":
        if self._connection is None or self._connection.is_closed():
            self._partitions.clear()
            self._instance = None
            self._connection = await asyncpg.connect(
                self._dsn,
                timeout=5,
                command_timeout=5,
                server_settings={"application_name": "rapport ownership", "idle_session_timeout": "15000"},
            )
        return self._connection

    async def close(self) -> None:
        """Give everything back by ending the connection."""
        if self._connection is not None:
            with suppress(Exception):
                await self._connection.close(timeout=2)
