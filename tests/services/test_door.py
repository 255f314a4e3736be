"""What no contract knows does not come in: every object of every request says that it takes no other field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from rapport.events.catalogue import events
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.fields import entry_of_field, fields_without_entry, leaves_of
from rapport.serving import api_of
from tests.support.serving import NOWHERE, SUBJECTS, Subject

Schema = dict[str, Any]


def open_objects(document: Schema) -> list[str]:
    """Operations with a body in which some object would take fields that it does not name."""
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                places = list(_open_in(content["schema"], document["components"]["schemas"], "body", frozenset()))
                found += [f"{method} {path}: {place}" for place in places]
    return found


def _open_in(schema: Schema, schemas: dict[str, Schema], place: str, seen: frozenset[str]) -> Iterator[str]:
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in seen:
        return
    schema, seen = schemas.get(name, schema), seen | {name} - {""}
    others = schema.get("additionalProperties")
    if schema.get("type") == "object" and others in ({}, True, None):
        yield place
    inner = [(place, one) for kind in ("anyOf", "oneOf", "allOf") for one in schema.get(kind, [])]
    inner += [(f"{place}.{name}", part) for name, part in schema.get("properties", {}).items()]
    inner += [(f"{place}.*", others)] if isinstance(others, dict) else []
    inner += [(f"{place}[]", schema["items"])] if "items" in schema else []
    for where, one in inner:
        yield from _open_in(one, schemas, where, seen)


def bodies_of(document: Schema) -> set[str]:
    """Names of the schemas that are asked for as a body."""
    operations = (operation for methods in document["paths"].values() for operation in methods.values())
    contents = (content for one in operations for content in one.get("requestBody", {}).get("content", {}).values())
    return {content["schema"]["$ref"].rpartition("/")[2] for content in contents}


def models_below(base: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found = {}
    for model in base.__subclasses__():
        found |= {model.__name__: model} | models_below(model)
    return found


@pytest.fixture
def document(subject: Subject, key_folder: Path) -> Schema:
    settings = subject.settings(NOWHERE, key_folder, mode="wall")
    described: Schema = api_of(subject.runtime(settings, role="api")).openapi()
    return described


def test_no_request_takes_a_field_it_does_not_name(document: Schema) -> None:
    assert bodies_of(document)
    assert open_objects(document) == []


class Inside(BaseModel):
    name: str


class Outside(BaseModel, extra="forbid"):
    inside: list[Inside]
    anything: dict[str, str]
    whatever: dict[str, Any]


def test_a_request_that_takes_more_is_found() -> None:
    app = FastAPI()

    @app.post("/planted")
    async def plant(body: Outside) -> None:
        raise NotImplementedError

    assert open_objects(app.openapi()) == ["post /planted: body.inside[]", "post /planted: body.whatever"]


def test_every_field_that_customer_profile_is_asked_with_has_an_entry(key_folder: Path) -> None:
    subject = SUBJECTS["customer_profile"]
    app = api_of(subject.runtime(subject.settings(NOWHERE, key_folder, mode="wall"), role="api"))
    models = models_below(BaseModel)
    names = bodies_of(app.openapi())
    assert {"NewCustomer", "Correction"} <= names
    assert [fault for name in sorted(names) for fault in fields_without_entry(name, models[name], published())] == []


def test_every_field_of_every_event_has_an_entry() -> None:
    assert [fault for event in events() for fault in fields_without_entry(event.name, event, published())] == []


def test_a_name_with_a_contract_is_of_a_field_of_it() -> None:
    """Else an entry would speak of what is not there."""
    named = {(event.name, name) for event in events() for name in leaves_of(event)}
    models = models_below(BaseModel)
    for name in published().by_name:
        contract, dot, field = name.partition(".")
        if dot:
            assert (contract, field) in named or field in leaves_of(models[contract]), name


class ShoeBought(BaseModel):
    customer_id: str
    inside: tuple[Inside, ...] | None
    shoe_size: int


def test_a_field_without_an_entry_is_named() -> None:
    assert fields_without_entry("shoe-bought", ShoeBought, published()) == ["shoe-bought.name", "shoe-bought.shoe_size"]
    found = entry_of_field("account-changed", "status", published())
    assert found is not None
    assert found.code == "account-state"
