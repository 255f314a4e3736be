"""Serves an app on a port until it is told to stop, then finishes what is under way.

The entry point owns signals and the event loop; uvicorn only speaks HTTP. No forwarded header is believed, and none of
uvicorn's own logs show a path.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

GRACE_SECONDS = 8


class PortUnavailable(Exception):
    """The address cannot be served; the text is one line that names the port and the remedy."""


def listen(host: str, port: int, *, setting: str) -> socket.socket:
    """A bound socket; port 0 takes a free one. `setting` is the variable to change when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(2048)
    except OSError as error:
        bound.close()
        raise PortUnavailable(f"cannot serve on {host}:{port}: {error.strerror}; set {setting} to another") from None
    bound.set_inheritable(False)
    return bound


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the entry point."""
        yield


async def serve(app: ASGIApp, bound: socket.socket, *, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; then refuse new requests and give those under way some seconds to end.

    Raises RuntimeError if the app's lifespan failed to start.
    """
    server = _Server(
        uvicorn.Config(
            app,
            loop="none",
            http="httptools",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    ending = asyncio.create_task(end())
    try:
        await server.serve(sockets=[bound])
    except SystemExit:
        # uvicorn's answer to a lifespan that failed; in a task it would end the process past every `finally`.
        raise RuntimeError("the API could not start") from None
    finally:
        ending.cancel()
        bound.close()
