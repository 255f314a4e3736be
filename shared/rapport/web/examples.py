"""Examples as they were written: FastAPI leaves every null out of them, and what is left is no answer of ours.

Put back is each field that the example lacks and its schema requires.
"""

from typing import Any

Schema = dict[str, Any]


def restore_nulls(document: dict[str, Any]) -> None:
    """Complete the examples of all models, request bodies and answers in an OpenAPI document."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    for schema in schemas.values():
        _restore(schema, schema, schemas)
    for operations in document["paths"].values():
        for operation in operations.values():
            for place in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media in place.get("content", {}).values():
                    _restore(media, media.get("schema", {}), schemas)


def _restore(holder: dict[str, Any], schema: Schema, schemas: dict[str, Schema]) -> None:
    if "example" in holder:
        holder["example"] = _completed(holder["example"], schema, schemas)
    if isinstance(holder.get("examples"), list):
        holder["examples"] = [_completed(example, schema, schemas) for example in holder["examples"]]
    elif isinstance(holder.get("examples"), dict):
        for named in holder["examples"].values():
            named["value"] = _completed(named.get("value"), schema, schemas)


def _completed(value: Any, schema: Schema, schemas: dict[str, Schema]) -> Any:
    schema = _resolved(schema, schemas)
    if isinstance(value, list):
        return [_completed(item, schema.get("items", {}), schemas) for item in value]
    if isinstance(value, dict) and isinstance(of_any_name := schema.get("additionalProperties"), dict):
        return {name: _completed(item, of_any_name, schemas) for name, item in value.items()}
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    fields, required = schema["properties"], schema.get("required", ())
    in_order = [name for name in fields if name in value or name in required]
    known = {name: _completed(value.get(name), fields[name], schemas) for name in in_order}
    return known | {name: cell for name, cell in value.items() if name not in fields}


def _resolved(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice, schemas)
    if "$ref" in schema:
        return _resolved(schemas.get(schema["$ref"].rpartition("/")[2], {}), schemas)
    return schema


def answers(status: int, example: object, **refusals: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of an operation: how it answers with an example, and why it is refused: `_404="No such merge"`."""
    shown: dict[int | str, dict[str, Any]] = {status: {"content": {"application/json": {"example": example}}}}
    return shown | {int(code.removeprefix("_")): {"description": reason} for code, reason in refusals.items()}


def page_of(example: object) -> dict[int | str, dict[str, Any]]:
    """`responses` of a list: a page with one item."""
    return answers(200, {"items": [example], "next": None})


def made(example: object, *, missing: str, refusal: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of an operation that changes what there is: `missing` where there is none, `refusal` where the rules
    have no such step."""
    return answers(201, example, _404=missing, _409=f"{refusal}; or a twin of this request is still running")
