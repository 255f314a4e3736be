"""Every operation of an OpenAPI document asked with something that fits it: ids that answers gave, bodies by schema."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from deploy.local.processes import PROJECT

REFERENCE = PROJECT / "docs" / "reference" / "openapi"
_FREE_TEXT = 500
"""A string that may be so long, and of any form, is what people write."""


class Operation(NamedTuple):
    """`body`: the schema of what it takes; None where it takes nothing."""

    method: str
    path: str
    body: Mapping[str, Any] | None


class Walker:
    """Knows one service's operations; learns ids from what it is answered."""

    def __init__(self, service: str) -> None:
        self._document = json.loads(Path(REFERENCE / f"{service}.json").read_text())
        self._words = ""
        self.known: defaultdict[str, list[str]] = defaultdict(list)

    def operations(self) -> Iterator[Operation]:
        """All of the document."""
        for path, methods in self._document["paths"].items():
            for method, said in methods.items():
                content = said.get("requestBody", {}).get("content", {})
                yield Operation(method.upper(), path, next(iter(content.values()), {}).get("schema"))

    def request(self, asked: Operation, *, words: str, back: int = 0) -> tuple[str, dict[str, Any] | None]:
        """Its path with ids, and a body that fits its schema; `words`: what is written as free text; `back`: so many
        ids were learned after these.
        """
        self._words = words
        path = asked.path
        for name in [piece[1:-1] for piece in path.split("/") if piece.startswith("{")]:
            known = self.known[name] or [str(uuid4())]
            path = path.replace(f"{{{name}}}", known[-1 - min(back, len(known) - 1)])
        return path, None if asked.body is None else self._sample(asked.body)

    def learn(self, answer: httpx.Response) -> None:
        """Every id of an answer is one to ask with."""
        if answer.is_success and answer.headers.get("content-type", "").startswith("application/json"):
            self._learn(answer.json())

    def _learn(self, found: Any) -> None:
        if isinstance(found, list):
            for one in found:
                self._learn(one)
        elif isinstance(found, dict):
            for name, value in found.items():
                if isinstance(value, str | int) and (name.endswith("_id") or name in {"version", "playbook"}):
                    self.known[name] = [one for one in self.known[name] if one != str(value)] + [str(value)]
                self._learn(value)

    def _sample(self, schema: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            return self._sample(self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema or "oneOf" in schema:
            return self._sample((schema.get("anyOf") or schema["oneOf"])[0])
        if schema.get("type") == "object":
            return self._object(schema)
        if schema.get("type") == "array":
            return [self._sample(schema["items"])]
        for rule in ("const", "default"):
            if schema.get(rule) is not None:
                return schema[rule]
        return (schema.get("enum") or schema.get("examples") or [None])[0] or self._scalar(schema)

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        example = (schema.get("examples") or [{}])[0]
        fields = schema.get("properties", {})
        made = {name: self._sample(part) for name, part in fields.items() if name in schema.get("required", ())}
        written = {name: self._words for name, part in fields.items() if _is_free(part)}
        return {**made, **example, **written}

    def _scalar(self, schema: Mapping[str, Any]) -> Any:
        if _is_free(schema):
            return self._words
        of_format = {"uuid": str(uuid4()), "date-time": datetime.now(UTC).isoformat(), "date": "2026-06-01"}
        of_type = {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": True}
        return of_format.get(schema.get("format", "")) or of_type.get(schema.get("type", ""), "c-1")


def _is_free(schema: Mapping[str, Any]) -> bool:
    parts = [*schema.get("anyOf", ()), schema]
    return any(
        part.get("type") == "string" and part.get("maxLength", 0) >= _FREE_TEXT and "pattern" not in part
        for part in parts
    )
