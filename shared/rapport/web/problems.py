"""Every failure as problem+json (RFC 9457), and never more in it than the caller already knows or must do.

A problem names the field at fault and the rule, not the value; a server's fault says nothing but its correlation id.
"""

import inspect
import pkgutil
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from importlib import import_module
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from rapport.errors import DomainError, NotReady
from rapport.web.availability import is_unavailable

Problems = Mapping[type[DomainError], tuple[int, str]]
"""A service's table: what the domain refuses → (status, title)."""

Malformed = Callable[[Request, Sequence[Any]], Awaitable[None]]

RETRY_AFTER_SECONDS = 2


class ProblemResponse(JSONResponse):
    """An answer of type application/problem+json."""

    media_type = "application/problem+json"


def problem(
    status: int,
    title: str | None = None,
    *,
    detail: str | None = None,
    errors: Sequence[Mapping[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    type_: str = "about:blank",
) -> ProblemResponse:
    """An answer of RFC 9457; without a title the status's own phrase. 503 always carries Retry-After."""
    content: dict[str, Any] = {"type": type_, "title": title or phrase_of(status), "status": status}
    if detail is not None:
        content["detail"] = detail
    if errors is not None:
        content["errors"] = [dict(error) for error in errors]
    sent = dict(headers or {})
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        sent.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return ProblemResponse(content, status_code=status, headers=sent)


def phrase_of(status: int) -> str:
    """The status's phrase in RFC 9110; Python 3.11 knows an older one of 413."""
    return "Content Too Large" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else HTTPStatus(status).phrase


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Pydantic's errors as {field, reason}: where and which rule, without input, context or anything of the value.

    A message of our own validator ("Value error, …") is kept: those name rules. A path piece that is not a name of ours
    (the key of an unknown field) could be anything; only one that looks like a field's name is repeated. What both an
    operation and what it depends on ask for is at fault once.
    """
    found = dict.fromkeys((_field(error), _reason(error)) for error in errors)
    return [{"field": field, "reason": reason} for field, reason in found]


def _field(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return "body"
    pieces = [str(piece) for piece in error["loc"]]
    if len(pieces) > 1 and pieces[0] in {"body", "query", "path", "header", "cookie"}:
        pieces = pieces[1:]
    return ".".join(piece if _NAME.fullmatch(piece) else "?" for piece in pieces)


def _reason(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind in _REASONS:
        return _REASONS[kind]
    if kind in {"enum", "literal_error"}:
        return f"must be {error.get('ctx', {}).get('expected', 'one of the listed values')}"
    if kind == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    return str(error["msg"]) if kind in _SAFE_MESSAGES else f"is malformed ({kind})"


_REASONS = {
    "json_invalid": "is not valid JSON",
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "string_pattern_mismatch": "does not have the required form",
}
# A field, a header, a position in a list: no telephone number, e-mail address or name in another script.
_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{0,63}|[0-9]{1,3}")

# Pydantic messages made of the rule alone; others may quote the input and are reduced to their type.
_SAFE_MESSAGES = frozenset(
    {
        "bool_type", "date_future", "date_past", "date_type", "datetime_future", "datetime_past", "datetime_type",
        "decimal_max_digits", "decimal_max_places", "decimal_type", "decimal_whole_digits", "dict_type",
        "finite_number", "float_type", "frozen_set_type", "greater_than", "greater_than_equal", "int_type", "less_than",
        "less_than_equal", "list_type", "model_attributes_type", "model_type", "multiple_of", "string_too_long",
        "string_too_short", "string_type", "timezone_aware", "timezone_naive", "too_long", "too_short", "uuid_type",
    }
)  # fmt: skip


def install_problems(app: FastAPI, table: Problems, *, malformed: Malformed | None = None) -> None:
    """Register the answers for what handlers raise; `malformed` hears pydantic's errors before they are answered."""

    async def on_domain_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, DomainError)
        status, title = lookup(type(error), table)
        errors = [{"field": field, "reason": rule} for field, rule in error.faults]
        return problem(status, title, detail=str(error) or None, errors=errors or None)

    async def on_http_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        detail = error.detail if error.detail != HTTPStatus(error.status_code).phrase else None
        return problem(error.status_code, detail=detail, headers=error.headers)

    async def on_validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if malformed is not None:
            await malformed(request, error.errors())
        return problem(422, "The request is malformed", errors=field_errors(error.errors()))

    app.add_exception_handler(DomainError, on_domain_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)


def last_resort(error: Exception) -> Response:
    """The answer to what nobody foresaw: 503 when what it needs is away or slow, else 500; never a stack or a text."""
    if is_unavailable(error):
        return problem(503, "The service cannot reach its database in time")
    if isinstance(error, NotReady):
        return problem(503, "Something that the service needs is away, such as a key; operators see what")
    return problem(500, detail="The fault is recorded under the X-Request-Id of this answer.")


def lookup(error: type[DomainError], table: Problems) -> tuple[int, str]:
    """The nearest class in the table; an unmapped error is 409, and a test of every service sees that there is none."""
    for ancestor in error.__mro__:
        if ancestor in table:
            return table[ancestor]
    return 409, "The request conflicts with the present state"


def unmapped_errors(package: str, table: Problems) -> list[str]:
    """Names of the domain errors defined anywhere in a service's package that its table does not name. For tests."""
    root = import_module(package)
    names = [package, *(found.name for found in pkgutil.walk_packages(root.__path__, f"{package}."))]
    modules = [import_module(name) for name in names if not name.endswith("__main__")]
    classes = {member for module in modules for _, member in inspect.getmembers(module, inspect.isclass)}
    mine = {
        c for c in classes if issubclass(c, DomainError) and c.__module__.partition(".")[0] == package.partition(".")[0]
    }
    leaves = {c for c in mine if not any(other is not c and issubclass(other, c) for other in mine)}
    return sorted(c.__qualname__ for c in leaves if not any(ancestor in table for ancestor in c.__mro__))
