"""Logs of a test, as a service writes them."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from rapport.telemetry.logs import configure_logs


@contextmanager
def logged(service: str, *, role: str = "api", level: str = "INFO") -> Iterator[io.StringIO]:
    """What a service logs meanwhile; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, before_level, before = root.handlers[:], root.level, structlog.get_config()
    found = io.StringIO()
    configure_logs(service=service, role=role, level=level, stream=found)
    try:
        yield found
    finally:
        structlog.configure(**before)
        root.handlers[:], root.level = handlers, before_level
        logging.captureWarnings(capture=False)
