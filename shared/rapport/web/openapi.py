"""The OpenAPI document, completed with what every operation shares: its problems, and Idempotency-Key on writes."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from rapport.web.examples import restore_nulls
from rapport.web.idempotency import HEADER


class FieldProblem(BaseModel):
    """One field at fault and the rule it breaks; never the value."""

    field: str = Field(examples=["amount"])
    reason: str = Field(examples=["is required"])


class ProblemDocument(BaseModel):
    """RFC 9457."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str | None = None
    errors: list[FieldProblem] | None = None


_REASONS = {
    "401": "No valid access token",
    "403": "The token lacks the scope",
    "409": "The present state forbids it, or a twin of this request is still running",
    "413": "The body is larger than 1 MiB",
    "422": "The request is malformed; each field at fault is named",
    "429": "Too many requests of this caller; see Retry-After",
    "503": "A dependency is away or too slow; see Retry-After",
}
_WRITE_ONLY = frozenset({"409", "413"})
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    "description": "The same key and content again within 24 h: the first answer again, no second effect.",
}


def complete_openapi(app: FastAPI) -> None:
    """Make `app.openapi()` the completed document. FastAPI's own 422 would be wrong: problems have another form."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    template = "#/components/schemas/{model}"
    for model in (FieldProblem, ProblemDocument):
        schema = model.model_json_schema(ref_template=template)
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if not path.startswith("/health/"):
                _complete(operation, is_write=method in {"post", "put", "patch", "delete"})
    restore_nulls(document)
    return document


def _complete(operation: dict[str, Any], *, is_write: bool) -> None:
    responses = operation["responses"]
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    for status, reason in _REASONS.items():
        if is_write or status not in _WRITE_ONLY:
            responses[status] = {"description": reason, "content": content}
    for status, response in responses.items():
        if status >= "400":
            response["content"] = content
    if is_write:
        operation.setdefault("parameters", []).append(_KEY)
