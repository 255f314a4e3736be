"""Fields on the wire that a contract does not know: never kept, but counted and named, so that a producer's new field
or a misspelt one is seen.

Named are only names of a harmless form: a field's name can be anything, a person's too.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from rapport.events.base import Event
from rapport.privacy.catalogue.fields import parts_of

UNNAMED = "?"
# No digits: of eleven a telephone number could be made.
_HARMLESS = re.compile(r"[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39})?")


def named(place: str) -> str:
    """A field by its name where that is harmless, `?` where it could be anything."""
    return place if _HARMLESS.fullmatch(place) else UNNAMED


@lru_cache(maxsize=256)
def all_named(places: frozenset[str]) -> tuple[str, ...]:
    """These fields by what they may be called, each once. Records of one core have the same fields again and again."""
    return tuple(sorted(set(map(named, places))))


def unknown_fields(event: Event, data: bytes) -> tuple[str, ...]:
    """The fields of `data` that are not of the event's contract, each once.

    Reading every record twice would cost a tenth of decoding it, so keys are counted first. A known key with a blank
    before its colon could hide an unknown one from that: it would not be counted, and not be kept either.
    """
    if data.count(b'":') == _keys_of(event):
        return ()
    return tuple(sorted(set(_unknown_in(type(event), from_json(data), ""))))


@cache
def _fields_of(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """Its fields, each with the model that its value is one of or a list of, if any."""
    return {name: next(parts_of(field.annotation), None) for name, field in model.model_fields.items()}


@cache
def _parts_of(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name, part in _fields_of(model).items() if part is not None)


def _keys_of(model: BaseModel) -> int:
    count = len(model.__pydantic_fields_set__)
    for name in _parts_of(type(model)):
        part = getattr(model, name)
        if part is not None:
            count += sum(map(_keys_of, part)) if isinstance(part, tuple | list) else _keys_of(part)
    return count


def _unknown_in(model: type[BaseModel], content: Any, path: str) -> Iterator[str]:
    known = _fields_of(model)
    for name, value in content.items() if isinstance(content, dict) else ():
        if name not in known:
            place = f"{path}{name}"
            yield named(place)
        elif part := known[name]:
            for inner in value if isinstance(value, list) else [value]:
                yield from _unknown_in(part, inner, f"{name}.")
