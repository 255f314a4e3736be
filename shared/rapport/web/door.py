"""The door of every API: a request that holds authentication data (class C3) is refused whole, whatever field it is in.

It is looked at once the caller is known, so that nobody without a token can have anything counted.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.clock import utc_now
from rapport.errors import DomainError
from rapport.messaging import refused_fields
from rapport.messaging.unknown_fields import named
from rapport.privacy.authentication_data import Found, find_in, find_in_bytes, may_hold
from rapport.telemetry.logs import get_logger
from rapport.web.problems import Problems
from rapport.web.unseen import is_unseen

_KEPT_HEADER = "Idempotency-Key"
"""The one header of which anything is kept as it came."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class AuthenticationDataRefused(DomainError):
    """The request holds a password, a PIN or another secret by which somebody is authenticated."""

    def __init__(self, found: Found) -> None:
        super().__init__(
            "passwords, PINs, card verification numbers, track and chip data and biometrics are never kept"
        )
        self.faults = [(found.pointer, f"holds authentication data ({found.kind}): leave it out")]


PROBLEMS: Problems = {AuthenticationDataRefused: (422, "The request holds authentication data")}


async def let_in(request: Request) -> None:
    """Raises AuthenticationDataRefused, which names field and kind, and counts it."""
    found = _in_address(request) or await _in_body(request)
    if found is None:
        return
    await _count(request, [found.pointer], found.kind)
    raise AuthenticationDataRefused(found)


async def count_unknown(request: Request, errors: Iterable[Mapping[str, Any]]) -> None:
    """Of what is malformed in the body of a caller who is known, count the fields that no contract knows."""
    pieces = [error["loc"] for error in errors if error["type"] == "extra_forbidden" and error["loc"][0] == "body"]
    if pieces and hasattr(request.state, "principal"):
        names = {named(".".join(piece for piece in loc[1:] if isinstance(piece, str))) for loc in pieces}
        await _count(request, names, refused_fields.UNKNOWN)


async def _count(request: Request, fields: Iterable[str], kind: str) -> None:
    route: str = request.scope["route"].path_format
    engine: AsyncEngine = request.app.state.backend.engine
    try:
        async with engine.begin() as connection:
            await refused_fields.note_request(connection, f"{request.method} {route}", fields, kind, utc_now())
    except Exception as failed:  # noqa: BLE001 - what is wrong with the request is to be told whatever the database does
        reason = type(failed).__name__
        if not is_unseen(request.scope, 422):
            fields = {"method": request.method, "route": route, "reason": reason}
            get_logger().warning("a refused request is not counted", **fields)


def _in_address(request: Request) -> Found | None:
    key, query = request.headers.get(_KEPT_HEADER, ""), request.scope["query_string"]
    whole = b"\n".join((request.scope["path"].encode("utf-8", "replace"), query, key.encode("latin-1")))
    if b"%" not in query and not may_hold(whole):
        return None
    asked: dict[str, Any] = {name: request.query_params.getlist(name) for name in request.query_params}
    return find_in({"path": request.path_params, "query": asked, "header": {_KEPT_HEADER: key}})


async def _in_body(request: Request) -> Found | None:
    found = find_in_bytes(await request.body()) if request.method in _WITH_BODY else None
    return found and found._replace(pointer=f"/body{found.pointer}")
