"""A message platform as the idempotency header's draft describes one: over real HTTP, on a port of this machine."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

TOKEN = "of-the-tests"


@dataclass
class Gateway:
    """`answers`: statuses of the next requests, 0 to hang up after taking the message; then 200. `sent`: by key."""

    answers: list[int] = field(default_factory=list)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    address: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in asked[1:] if line)}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        key = headers["idempotency-key"]
        self.asked.append(key)
        status = self.answers.pop(0) if self.answers else 200
        if headers.get("authorization") != f"Bearer {TOKEN}":
            status = 401
        if status in {0, 200}:
            self.sent.setdefault(key, body)
        if status:
            echo = json.dumps(body).encode()
            writer.write(
                f"HTTP/1.1 {status} x\r\nContent-Length: {len(echo)}\r\nConnection: close\r\n\r\n".encode() + echo
            )
            await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def listening(answers: Sequence[int] = ()) -> AsyncIterator[Gateway]:
    """A gateway at `address`, until the end of the block."""
    gateway = Gateway(list(answers))
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    gateway.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/messages"
    try:
        yield gateway
    finally:
        server.close()
