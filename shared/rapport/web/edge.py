"""The outermost layer of every API: what holds for each request, whatever the operation does or fails to do.

Each request gets an id, a size limit, a time limit and an answer; no failure leaves without a problem+json, no answer
without its security headers. Written as plain ASGI: Starlette's BaseHTTPMiddleware costs a task per request.
"""

import asyncio
import logging
import re
from time import perf_counter

import structlog
from opentelemetry.trace import Span, SpanKind
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapport.ids import new_id
from rapport.telemetry.faults import kind
from rapport.telemetry.logs import get_logger
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.traces import Tracing, traceparent_of
from rapport.traceparent import well_formed
from rapport.web.problems import last_resort, problem
from rapport.web.unseen import is_unseen, label_of

MAX_BODY_BYTES = 1024 * 1024
TIME_LIMIT_SECONDS = 5.0
_REQUEST_ID_NAME = b"x-request-id"
_READ_HEADERS = frozenset({_REQUEST_ID_NAME, b"content-length", b"traceparent"})
# A UUID only: of any looser form a caller could make a telephone number, which would then be in our logs.
_REQUEST_ID_FORM = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECURITY_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_SLOW_SECONDS = 1.0


class Edge:
    """ASGI middleware; see the module."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        tracing: Tracing | None = None,
        max_body: int = MAX_BODY_BYTES,
        time_limit: float = TIME_LIMIT_SECONDS,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing
        self.max_body = max_body
        self._time_limit = time_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Exchange(self, scope, receive, send).run()

    def span(self, method: str, parent: str | None) -> Span | None:
        """A server span, when there is a collector to send it to."""
        if self._tracing is None:
            return None
        return self._tracing.begin(method, kind=SpanKind.SERVER, parent=parent)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application, within the time limit; of an answer in pieces each has it anew."""
        clock = asyncio.get_running_loop().time
        async with asyncio.timeout(self._time_limit) as limit:

            async def send_in_time(message: Message) -> None:
                await send(message)
                if message.get("more_body"):
                    limit.reschedule(clock() + self._time_limit)

            await self._app(scope, receive, send_in_time)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request, by the template of its route, never by its path."""
        self._metrics.request(method, route, status).observe(seconds)


class _Exchange:
    """One request and its answer."""

    def __init__(self, edge: Edge, scope: Scope, receive: Receive, send: Send) -> None:
        self._edge = edge
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = {name: value for name, value in scope["headers"] if name in _READ_HEADERS}
        self._request_id = _request_id(self._header(_REQUEST_ID_NAME) or "")
        self._status = 0
        self._received = 0

    async def run(self) -> None:
        began = perf_counter()
        method = self._scope["method"] if self._scope["method"] in _METHODS else "other"
        traceparent = self._header(b"traceparent")
        span = self._edge.span(method, traceparent)
        state = self._scope.setdefault("state", {})
        state["request_id"] = self._request_id
        state["traceparent"] = traceparent_of(span) if span else well_formed(traceparent)
        structlog.contextvars.bind_contextvars(request_id=self._request_id)
        error = await self._answer()
        seconds = perf_counter() - began
        if is_unseen(self._scope, self._status):
            # A span that is not ended is sent nowhere.
            return
        route = label_of(self._scope)
        self._edge.observe(method, route, self._status, seconds)
        level = _level(method, self._status, seconds)
        if level:
            fields = {"method": method, "route": route, "status": self._status, "seconds": round(seconds, 6)}
            get_logger().log(level, "request", **fields, exc_info=error)
        if span:
            span.update_name(f"{method} {route}")
            span.set_attributes({"http.request.method": method, "http.route": route})
            span.set_attribute("http.response.status_code", self._status)
            Tracing.finish(span, error=(kind(error) if error else str(self._status)) if self._status >= 500 else None)

    async def _answer(self) -> Exception | None:
        """The request answered; returns what nobody had foreseen, for the log."""
        refusal = self._refused_unread()
        if refusal is not None:
            await refusal(self._scope, self._receive, self._send_with_headers)
            return None
        try:
            await self._edge.serve(self._scope, self._receive_limited, self._send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, the caller gets an answer
            if not self._status:
                await last_resort(error)(self._scope, self._receive, self._send_with_headers)
            return error
        return None

    async def _send_with_headers(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = message["headers"]
            present = {name for name, _ in headers}
            headers.append((_REQUEST_ID_NAME, self._request_id.encode()))
            headers.extend(pair for pair in SECURITY_HEADERS if pair[0] not in present)
        await self._send(message)

    async def _receive_limited(self) -> Message:
        """Counts what arrives: a chunked body declares no length."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > self._edge.max_body:
                raise HTTPException(413, self._too_large(), {"Connection": "close"})
        return message

    def _refused_unread(self) -> ASGIApp | None:
        if "\x00" in self._scope["path"] or b"%00" in self._scope["query_string"]:
            return problem(400, detail="The address holds a NUL character")
        declared = self._header(b"content-length")
        if declared is None:
            return None
        if not (declared.isascii() and declared.isdigit()):
            return problem(400, detail="Content-Length is not a number")
        if len(declared) > 18 or int(declared) > self._edge.max_body:
            return problem(413, detail=self._too_large(), headers={"Connection": "close"})
        return None

    def _header(self, name: bytes) -> str | None:
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    def _too_large(self) -> str:
        return f"A body holds at most {self._edge.max_body} bytes"


def _request_id(given: str) -> str:
    return given if _REQUEST_ID_FORM.fullmatch(given) else str(new_id())


def _level(method: str, status: int, seconds: float) -> int:
    """A fault of ours is an error, a dependency's a warning, a write or refusal a line; 0: not worth one.

    A read that went well is in the metrics; a line for each would cost a tenth of the answer.
    """
    if status >= 500:
        return logging.WARNING if status == 503 else logging.ERROR
    is_plain_read = method in {"GET", "HEAD"} and status < 400 and seconds < _SLOW_SECONDS
    return 0 if is_plain_read else logging.INFO
