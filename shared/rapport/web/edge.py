"""The outermost layer of every API: what holds for each request, whatever the operation does or fails to do.

Each request gets an id, a size limit, a time limit and an answer; no failure leaves without a problem+json, no answer
without its security headers. Written as plain ASGI: Starlette's BaseHTTPMiddleware costs a task per request.
"""

import asyncio
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapport.ids import new_id
from rapport.web.problems import last_resort, problem

MAX_BODY_BYTES = 1024 * 1024
TIME_LIMIT_SECONDS = 5.0
REQUEST_ID = "X-Request-Id"
_REQUEST_ID_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Edge:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, *, max_body: int = MAX_BODY_BYTES, time_limit: float = TIME_LIMIT_SECONDS) -> None:
        self._app = app
        self._max_body = max_body
        self._time_limit = time_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                sent = MutableHeaders(scope=message)
                sent[REQUEST_ID] = request_id
                for name, value in SECURITY_HEADERS.items():
                    sent.setdefault(name, value)
            await send(message)

        refusal = self._refused_unread(headers)
        if refusal is not None:
            await refusal(scope, receive, send_with_headers)
            return
        try:
            async with asyncio.timeout(self._time_limit):
                await self._app(scope, self._limited(receive), send_with_headers)
        except Exception as error:
            if started:
                raise
            await last_resort(error)(scope, receive, send_with_headers)

    def _refused_unread(self, headers: Headers) -> ASGIApp | None:
        declared = headers.get("content-length")
        if declared is not None and not (declared.isascii() and declared.isdigit()):
            return problem(400, detail="Content-Length is not a number")
        if declared is not None and int(declared) > self._max_body:
            return problem(413, detail=f"A body holds at most {self._max_body} bytes", headers={"Connection": "close"})
        return None

    def _limited(self, receive: Receive) -> Receive:
        """Counts what arrives: a chunked body declares no length."""
        total = 0

        async def receive_limited() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b"")) if message["type"] == "http.request" else 0
            if total > self._max_body:
                raise HTTPException(413, f"A body holds at most {self._max_body} bytes", {"Connection": "close"})
            return message

        return receive_limited


def _request_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID, "")
    return given if _REQUEST_ID_FORM.fullmatch(given) else str(new_id())
