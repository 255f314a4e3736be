"""Every sample ever published is decoded by the contract of its event, by its schema and by the record codec.

A sample that was committed stays: what it shows may lie on a topic for months.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rapport.events.base import Event
from rapport.events.catalogue import PARTITIONS, events
from rapport.events.reference.schemas import json_schema, schema_name
from rapport.messaging.decoding import decode
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import RawRecord

CORPUS = Path(__file__).parent / "corpus"
SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "events"
BY_TYPE = {event.wire_type(): event for event in events()}
SAMPLES = sorted(CORPUS.glob("*/*.json"))


def event_of(sample: Path) -> type[Event]:
    version = sample.stem.partition("-")[0]
    return BY_TYPE[f"{sample.parent.name}.{version}"]


def read(sample: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(sample.read_text(encoding="utf-8"))
    return data


def name_of(sample: Path) -> str:
    return f"{sample.parent.name}/{sample.stem}"


@pytest.mark.parametrize("event", events(), ids=lambda event: event.name)
def test_every_event_has_a_full_sample_and_one_with_a_field_of_tomorrow(event: type[Event]) -> None:
    names = {sample.stem for sample in (CORPUS / event.name).glob("*.json")}
    assert {"v1-full", "v1-unknown-field"} <= names
    assert set(read(CORPUS / event.name / "v1-full.json")) == set(event.model_fields)


@pytest.mark.parametrize("event", events(), ids=lambda event: event.name)
def test_every_optional_field_is_absent_in_some_sample(event: type[Event]) -> None:
    optional = {name for name, field in event.model_fields.items() if not field.is_required()}
    absent = set().union(*(optional - set(read(sample)) for sample in (CORPUS / event.name).glob("*.json")))
    assert absent == optional


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_a_sample_is_an_event_of_its_class(sample: Path) -> None:
    data, kind = read(sample), event_of(sample)
    event = kind.model_validate_json(sample.read_bytes())
    said = event.model_dump(mode="json", exclude_unset=True)
    assert set(said) == set(data) & set(kind.model_fields)
    assert kind.model_validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_a_sample_meets_the_published_schema(sample: Path) -> None:
    schema = json.loads((SCHEMAS / schema_name(event_of(sample))).read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(read(sample))] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_a_sample_is_decoded_from_its_record(sample: Path) -> None:
    kind, time = event_of(sample), datetime(2026, 6, 1, tzinfo=UTC)
    key = str(read(sample)[kind.subject])
    attributes = {"specversion": "1.0", "id": "1", "source": "test", "type": kind.wire_type(), "time": time.isoformat()}
    record = RawRecord(
        topic=kind.name,
        partition=partition_of(key),
        offset=0,
        timestamp=0,
        key=key.encode(),
        value=sample.read_bytes(),
        headers=[(f"ce_{name}", value.encode()) for name, value in attributes.items()],
    )
    arrival = decode(record, BY_TYPE, partitions=PARTITIONS)
    if kind.name != "day-closed":  # a mark moves the clock and is not handled
        assert arrival.fault is None
        assert arrival.event is not None
        assert isinstance(arrival.event.data, kind)
    assert arrival.time == time


@pytest.mark.parametrize("event", events(), ids=lambda event: event.name)
def test_a_schema_is_itself_valid(event: type[Event]) -> None:
    Draft202012Validator.check_schema(json_schema(event))
