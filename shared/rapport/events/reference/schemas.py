"""The JSON Schema (2020-12) of each event: what a producer in any language may send and a reader may rely on."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from rapport.events.base import Event

Schema = dict[str, Any]


class _Untitled(GenerateJsonSchema):
    """Without a title for every field, which would only repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the base class's signature
        return False


def schema_name(event: type[Event]) -> str:
    """The file of an event's schema: `transaction-recorded.v1.schema.json`."""
    return f"{event.wire_type()}.schema.json"


def json_schema(event: type[Event]) -> Schema:
    """A schema that stands alone; unknown fields are allowed, since readers ignore them."""
    schema = event.model_json_schema(schema_generator=_Untitled)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:rapport:event:{event.wire_type()}"}
    return {**head, "title": event.__name__, "description": described(event), **_without_docs(schema)}


def component_schemas(events: tuple[type[Event], ...]) -> dict[str, Schema]:
    """The schemas of many events by class name, shared parts once, with references as an AsyncAPI document has them."""
    pairs: list[tuple[type[BaseModel], Any]] = [(event, "validation") for event in events]
    _, together = models_json_schema(pairs, ref_template="#/components/schemas/{model}", schema_generator=_Untitled)
    schemas: dict[str, Schema] = together["$defs"]
    described_by_name = {event.__name__: described(event) for event in events}
    return {
        name: {**schema, "description": described_by_name[name]} if name in described_by_name else schema
        for name, schema in sorted(schemas.items())
    }


def described(event: type[Event]) -> str:
    """The class's docstring with its lines joined into paragraphs."""
    lines = (event.__doc__ or "").strip().splitlines()
    return "\n\n".join(
        " ".join(line.strip() for line in paragraph.splitlines())
        for paragraph in "\n".join(line.strip() for line in lines).split("\n\n")
    )


def _without_docs(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in {"title", "description"}}
