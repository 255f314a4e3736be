"""What may not change within a major version: only optional fields may be added to what was published.

Strict in both directions, since old readers meet new events and new readers old ones. A breaking change is a new event
name with `.v2` beside the old one.
"""

import json
from collections.abc import Iterator
from typing import Any

from rapport.events.reference.schemas import Schema

_WORDS = frozenset({"title", "description", "examples", "$schema", "$id"})


def breaking_changes(published: Schema, present: Schema) -> list[str]:
    """One sentence for each; none means compatible. Both are schemas that stand alone."""
    return list(_compare(_resolved(published, published), _resolved(present, present), ""))


def _compare(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if _outline(old) != _outline(new):
        yield f"{path or 'data'}: was {_told(old)} and is {_told(new)}"
        return
    if "properties" in old:
        yield from _compare_fields(old, new, path)
    if "items" in old:
        yield from _compare(old["items"], new["items"], f"{path}[]")
    for old_option, new_option in zip(old.get("anyOf", ()), new.get("anyOf", ()), strict=True):
        yield from _compare(old_option, new_option, path)


def _outline(schema: Schema) -> Schema:
    """What must be equal of two schemas before their parts are compared one by one."""
    parts: Schema = {"properties": "some", "items": "some", "anyOf": len(schema.get("anyOf", ()))}
    return {key: parts.get(key, value) for key, value in schema.items() if key != "required"}


def _compare_fields(old: Schema, new: Schema, path: str) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
    for name, field in old["properties"].items():
        if name not in new["properties"]:
            yield f"{prefix}{name}: was removed"
            continue
        if (name in was_required) != (name in is_required):
            was, now = ("required", "optional") if name in was_required else ("optional", "required")
            yield f"{prefix}{name}: was {was} and is {now}"
        yield from _compare(field, new["properties"][name], f"{prefix}{name}")
    for name in new["properties"]:
        if name not in old["properties"] and name in is_required:
            yield f"{prefix}{name}: was added and is required"


def _told(schema: Schema) -> str:
    """A schema in one line, always the same for the same schema."""
    return json.dumps(schema, sort_keys=True, ensure_ascii=False)


def _resolved(schema: Any, root: Schema) -> Any:
    """References put in place and words taken out. Contracts do not refer to themselves."""
    match schema:
        case {"$ref": str(reference), **rest}:
            target = root["$defs"][reference.rpartition("/")[2]]
            return _resolved({**target, **rest}, root)
        case dict():
            return {
                key: {name: _resolved(field, root) for name, field in value.items()}
                if key == "properties"  # a field may itself be called `title`
                else _resolved(value, root)
                for key, value in schema.items()
                if key not in _WORDS and key != "$defs"
            }
        case list():
            return [_resolved(item, root) for item in schema]
        case _:
            return schema
