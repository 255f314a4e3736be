"""Which ports the stack listens on: free ones below the range from which the system takes outgoing ports.

From that range a client that reconnects while a server restarts could be given the server's own port.
"""

import random
import socket

from deploy.local.errors import StackError


def is_free(port: int) -> bool:
    """Whether a server on this machine could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port nobody listens on."""
    for port in random.sample(range(20_000, 32_000), 500):
        if is_free(port):
            return port
    raise StackError("no free port between 20000 and 32000: end some of the programs that listen there")


def port_for(what: str, asked: int | None, *, option: str) -> int:
    """The port asked for when it is free, any free one when none was asked for."""
    if asked is None:
        return free_port()
    if not is_free(asked):
        raise StackError(f"port {asked} for {what} is in use: end its program, or choose another with {option}")
    return asked
