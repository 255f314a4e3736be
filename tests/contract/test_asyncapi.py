"""The committed references are those of the contracts, and the AsyncAPI document is one by its own specification."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry

from rapport.events.catalogue import topics

ROOT = Path(__file__).resolve().parents[2]


def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / "docs/reference/asyncapi.json").read_text(encoding="utf-8"))
    return read


def specification() -> Draft7Validator:
    """Nothing is fetched: all that the specification refers to lies within it."""
    schema = json.loads((ROOT / "tests/contract/asyncapi/3.0.0.schema.json").read_text(encoding="utf-8"))
    return Draft7Validator(schema, registry=Registry())


def references(node: Any) -> list[str]:
    match node:
        case {"$ref": str(reference)}:
            return [reference]
        case dict():
            return [reference for value in node.values() for reference in references(value)]
        case list():
            return [reference for value in node for reference in references(value)]
        case _:
            return []


def resolve(whole: Any, reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        whole = whole[step.replace("~1", "/").replace("~0", "~")]
    return whole


def test_the_references_are_up_to_date_and_break_no_reader() -> None:
    command = [sys.executable, str(ROOT / "docs/generate.py"), "--check"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_document_is_valid_asyncapi_3() -> None:
    assert [error.message for error in specification().iter_errors(document())] == []


def test_the_specification_finds_a_fault() -> None:
    wrong = document()
    wrong["operations"]["scoring.tells.tier-changed"]["action"] = "shout"
    assert not specification().is_valid(wrong)


def test_every_reference_of_the_document_leads_somewhere() -> None:
    whole = document()
    found = references(whole)
    assert found
    for reference in found:
        assert resolve(whole, reference)


def test_every_topic_is_a_channel_that_somebody_tells() -> None:
    whole = document()
    assert set(whole["channels"]) == {event.name for event in topics()}
    told = {operation["channel"]["$ref"] for operation in whole["operations"].values() if operation["action"] == "send"}
    assert told == {f"#/channels/{event.name}" for event in topics()}


def test_only_one_service_hears_a_confidential_topic() -> None:
    whole = document()
    for event in topics():
        if event.is_confidential:
            hearers = [name for name in whole["operations"] if name.endswith(f".hears.{event.name}")]
            assert len(hearers) <= 1


def heard_of_compliance(whole: dict[str, Any]) -> list[str]:
    """What services hear of that compliance alone may know of."""
    closed = [event for event in topics() if event.is_for_compliance]
    assert closed
    return [name for event in closed for name in whole["operations"] if name.endswith(f".hears.{event.name}")]


def test_no_service_hears_what_is_for_compliance_alone() -> None:
    assert heard_of_compliance(document()) == []
    assert all(event.is_confidential for event in topics() if event.is_for_compliance)


def test_a_service_that_hears_what_is_for_compliance_alone_is_found() -> None:
    planted = document()
    planted["operations"]["scoring.hears.abnormal-activity-detected"] = {}
    assert heard_of_compliance(planted) == ["scoring.hears.abnormal-activity-detected"]


def test_the_examples_are_what_they_are_examples_of() -> None:
    whole = document()
    for message in whole["components"]["messages"].values():
        schema = {**whole, **resolve(whole, message["payload"]["$ref"])}
        for example in message["examples"]:
            assert Draft202012Validator(schema).is_valid(example["payload"])
