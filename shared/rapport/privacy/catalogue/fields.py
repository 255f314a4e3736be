"""Fields of contracts refer to the catalogue by their names: what may come in is known before it comes."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from rapport.privacy.catalogue.document import Catalogue, Entry


def parts_of(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models an annotation holds: itself, in a union, in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from parts_of(get_args(annotation)[0])
    elif get_origin(annotation) in {Union, UnionType, list, tuple, set, frozenset}:
        for inner in get_args(annotation):
            yield from parts_of(inner)


def leaves_of(model: type[BaseModel]) -> Iterator[str]:
    """The names of all fields that hold values, those of models within it too."""
    for name, field in model.model_fields.items():
        parts = list(parts_of(field.annotation))
        if not parts:
            yield name
        for part in parts:
            yield from leaves_of(part)


def entry_of_field(contract: str, name: str, catalogue: Catalogue) -> Entry | None:
    """The entry of a field: by its name in this contract, else by a name that means the same everywhere."""
    names = catalogue.by_name
    return names.get(f"{contract}.{name}") or names.get(name)


def fields_without_entry(contract: str, model: type[BaseModel], catalogue: Catalogue) -> list[str]:
    """Each field of a contract that the catalogue does not know."""
    return [f"{contract}.{name}" for name in leaves_of(model) if entry_of_field(contract, name, catalogue) is None]
