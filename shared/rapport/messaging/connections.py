"""What aiokafka expects of a connection, kept on uvloop too: docs/decisions/0013-every-process-runs-on-uvloop.md."""

from collections.abc import Awaitable
from typing import Any

import aiokafka.conn
from aiokafka.conn import AIOKafkaConnection, CloseReason


class Connection(AIOKafkaConnection):  # type: ignore[misc]  # aiokafka is untyped
    """A connection that is seen to be lost before anything is written to it.

    There asyncio drops what is written and uvloop raises a RuntimeError, which ends those tasks of aiokafka that expect
    errors of Kafka only, a consumer's membership among them.
    """

    def send(self, request: Any, expect_response: bool = True) -> Awaitable[Any]:  # noqa: FBT001, FBT002 - as aiokafka's
        """Raises KafkaConnectionError where the connection is lost."""
        if self._writer is not None and self._writer.is_closing():
            self.close(reason=CloseReason.CONNECTION_BROKEN)
        return super().send(request, expect_response)  # type: ignore[no-any-return]


def install() -> None:
    """From now on aiokafka makes its connections of this kind: it has no setting for it."""
    aiokafka.conn.AIOKafkaConnection = Connection
