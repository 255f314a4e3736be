"""One JSON object a line on stderr, of allowed fields only; the same for libraries that log in Python's own way.

`get_logger().info("poll committed", topic=…, count=…)`: the text is a constant of the code, values are fields. A field
that is not on the list is dropped and its name told. Of a library's record only the template is kept, with small
numbers: its other arguments and every exception's text could be anything.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog

from rapport.telemetry.faults import chain, frames

ALLOWED = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "logger",
        "service",
        "role",
        "instance",
        "version",
        "request_id",
        "trace_id",
        "method",
        "route",
        "status",
        "seconds",
        "topic",
        "partition",
        "offset",
        "count",
        "lag",
        "received",
        "applied",
        "duplicate",
        "skipped",
        "dead_lettered",
        "parked",
        "handler",
        "sweep",
        "check",
        "reason",
        "error",
        "frames",
        "host",
        "port",
        "mode",
        "action",
        "signal",
        "task",
        "attempt",
        "delay_seconds",
        "states",
        "dropped",
    ]
)
_MAX_TEXT = 300
_MAX_NUMBER = 1_000_000
_QUIET = ("uvicorn.access", "httpx", "httpcore", "sqlalchemy.engine", "sqlalchemy.pool")

EventDict = MutableMapping[str, Any]


def get_logger() -> Any:
    """The logger of the running service."""
    return structlog.get_logger()


class Lines:
    """Writes a line at once. A closed or full stderr is no fault of the service."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def msg(self, message: str) -> None:
        """Write one line."""
        with suppress(OSError, ValueError):
            stream = self._stream or sys.stderr
            stream.write(message + "\n")
            stream.flush()

    debug = info = warning = error = critical = msg


def _configure(own: Mapping[str, str], lowest: int, stream: TextIO | None) -> None:
    def stamp(_: Any, __: str, event: EventDict) -> EventDict:
        return {**own, **event}

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            stamp,
            describe_error,
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=lambda *_: Lines(stream),
        cache_logger_on_first_use=False,
    )


def configure_logs(*, service: str, role: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of this process to `stream` (stderr) in our form. Called once, by the entry point."""
    lowest = logging.getLevelNamesMapping()[level]
    _configure({"service": service, "role": role}, lowest, stream)
    root = logging.getLogger()
    root.handlers[:] = [LibraryRecords()]
    root.setLevel(max(lowest, logging.INFO))
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def describe_error(_: Any, __: str, event: EventDict) -> EventDict:
    """Replaces `exc_info` (an error, True or Python's triple) by its kinds and frames."""
    found = event.pop("exc_info", None)
    error = sys.exception() if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"], event["frames"] = chain(error), frames(error)
    return event


def keep_allowed(_: Any, __: str, event: EventDict) -> EventDict:
    """Drops every field that is not on the list and tells the names of the dropped."""
    kept = {name: _plain(value) for name, value in event.items() if name in ALLOWED}
    dropped = sorted(name for name in event if name not in ALLOWED)
    return {**kept, "dropped": dropped} if dropped else kept


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return value[:_MAX_TEXT]
        case list() | tuple():
            return [str(item)[:_MAX_TEXT] for item in value[:20]]
        case _:
            return type(value).__name__


class LibraryRecords(logging.Handler):
    """Turns a record of Python's logging into one of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Never raises: a logging fault must not become one of the service."""
        try:
            level = max(record.levelno // 10 * 10, logging.DEBUG)
            get_logger().log(level, _template(record), logger=record.name, exc_info=record.exc_info)
        except Exception:  # noqa: BLE001 - as logging.Handler.handleError, but without printing the record
            sys.stderr.write('{"event": "a log record could not be written", "level": "error"}\n')


def _template(record: logging.LogRecord) -> str:
    """The first line of a record's template with its small numbers filled in, every other argument hidden."""
    text = str(record.msg).partition("\n")[0][:_MAX_TEXT] if isinstance(record.msg, str) else type(record.msg).__name__
    if not record.args:
        return text
    try:
        if isinstance(record.args, Mapping):
            return text % {name: _hidden(value) for name, value in record.args.items()}
        return text % tuple(_hidden(value) for value in record.args)
    except (TypeError, ValueError, KeyError):
        return text


def _hidden(value: object) -> object:
    is_small = isinstance(value, int | float) and abs(value) < _MAX_NUMBER
    return value if is_small else "…"


# On import: structlog's own default prints the local variables of every frame, tokens among them.
_configure({}, logging.INFO, None)
