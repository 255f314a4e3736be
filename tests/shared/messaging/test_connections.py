"""A lost connection is an error of Kafka on uvloop too: with any other error aiokafka's own tasks end for good."""

import asyncio
import socket
import struct

import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.admin import ApiVersionRequest

from rapport.messaging import clients
from rapport.messaging.connections import Connection
from tests.support.delivering import Delivering


class _Broker:
    """Accepts one connection, answers nothing and can reset it."""

    def __init__(self) -> None:
        self._accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def serve(self) -> tuple[asyncio.Server, int]:
        async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._accepted.put_nowait(writer)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        return server, server.sockets[0].getsockname()[1]

    async def reset(self) -> None:
        writer = await self._accepted.get()
        accepted: socket.socket = writer.get_extra_info("socket")
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


def _connection(kind: type[AIOKafkaConnection], port: int) -> AIOKafkaConnection:
    class Unasked(kind):  # type: ignore[misc, valid-type]
        async def _do_version_lookup(self) -> None:
            """The broker of this test answers nothing."""

    return Unasked("127.0.0.1", port, request_timeout_ms=2000)


async def _error_after_a_reset(kind: type[AIOKafkaConnection]) -> BaseException:
    """What sending on a connection raises that its broker has just reset."""
    broker = _Broker()
    server, port = await broker.serve()
    connection = _connection(kind, port)
    await connection.connect()
    await broker.reset()
    sent = []
    try:
        for _ in range(100):
            sent.append(asyncio.ensure_future(connection.send(ApiVersionRequest())))
            await asyncio.sleep(0)
    except Exception as error:  # noqa: BLE001 - which kind it is, is the question
        return error
    finally:
        connection.close()
        await asyncio.gather(*sent, return_exceptions=True)
        server.close()
    raise AssertionError("the connection was reset, and sending went on")


def test_sending_on_a_connection_that_was_reset_is_a_lost_connection() -> None:
    assert isinstance(uvloop.run(_error_after_a_reset(Connection)), KafkaConnectionError)


def test_without_our_connection_it_would_be_an_error_aiokafka_does_not_expect() -> None:
    # When this fails, aiokafka or uvloop have changed and ours can go.
    assert isinstance(uvloop.run(_error_after_a_reset(AIOKafkaConnection)), RuntimeError)


async def test_the_clients_of_a_worker_make_their_connections_so(tally_on_kafka: Delivering) -> None:
    producer = clients.producer(tally_on_kafka.runtime.settings.kafka, name="test")
    await producer.start()
    try:
        await producer.client.fetch_all_metadata()
        made = list(producer.client._conns.values())
        assert made
        assert all(isinstance(connection, Connection) for connection in made)
    finally:
        await producer.stop()
