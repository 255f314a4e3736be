"""What holds for every service as a whole: its tables, its refusals, its tokens, and what its API page says."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from sqlalchemy import text

from rapport.composition import Composition
from rapport.database import create_engine
from rapport.migrations import differences, migrate
from rapport.serving import api_of
from rapport.web import unmapped_errors, unprotected_operations
from tests.support.serving import NOWHERE, SUBJECTS, Subject
from tests.support.stack import FreshDatabase

PROJECT = Path(__file__).parents[2]
OPERATIONS = {"customer_profile": 58, "scoring": 41, "churn_alert": 49, "feedback": 7}
BODIES = {"customer_profile": 21, "scoring": 15, "churn_alert": 11, "feedback": 4}
GUARDS = {
    "customer_profile": {
        "refuse_to_alter_changes",
        "refuse_to_alter_consent_acts",
        "refuse_to_alter_consent_askings",
        "refuse_to_alter_corrections",
        "refuse_to_alter_look_ups",
        "refuse_to_alter_merge_acts",
        "refuse_to_alter_status_steps",
        "refuse_to_alter_duplicate_decisions",
        "refuse_to_alter_unmaskings",
        "acts_of_person",
        "files_of_person",
        "refuse_to_alter_exports",
        "refuse_to_alter_export_hand_outs",
        "refuse_to_alter_file_steps",
        "keep_in_sight",
        "customer_in_sight",
    },
    "scoring": {
        "refuse_to_alter_scorecard_acts",
        "refuse_to_alter_scorecards",
        "refuse_to_alter_models",
        "refuse_to_alter_segments",
        "refuse_to_alter_rates",
        "refuse_to_alter_what_people_did",
        "keep_what_people_did",
    },
}
"""Functions that keep a table from being altered."""
NAMED_IN_THE_BODY = {("post", "/feedback"), ("post", "/risk-register"), ("post", "/product-pitches")}
"""Operations that name a customer there, whom the caller may not see."""
EVERYONES = ("/health/", "/accounting", "/dead-letters", "/catalogue")
Operations = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
def make_app(subject: Subject, key_folder: Path) -> Callable[..., FastAPI]:
    """Its API, nothing connected: all that is asked here is what it says of itself."""

    def make(*, docs: bool) -> FastAPI:
        settings = subject.settings(NOWHERE, key_folder, mode="wall", api={"docs": docs})
        return api_of(subject.runtime(settings, role="api"))

    return make


@pytest.fixture
def document(make_app: Callable[..., FastAPI]) -> dict[str, Any]:
    return make_app(docs=False).openapi()


@pytest.fixture
def operations(document: dict[str, Any]) -> Operations:
    """The service's own: those that every service has are tested once for all."""
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if not path.startswith(EVERYONES)
    }


def test_no_service_is_left_out() -> None:
    assert set(SUBJECTS) == {main.parent.name for main in PROJECT.glob("services/*/*/main.py")}


async def made_in(url: str) -> set[str]:
    """Names of tables and functions."""
    engine = create_engine(url, application="test", pool_size=1)
    async with engine.connect() as connection:
        tables = await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        functions = await connection.execute(
            text("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        )
        found = {*tables.scalars(), *functions.scalars()}
    await engine.dispose()
    return found


async def test_migrations_make_the_tables_of_the_code_and_can_be_taken_back(
    subject: Subject, composition: Composition, fresh_database: Callable[..., FreshDatabase]
) -> None:
    own = set(composition.metadata.tables)
    url = fresh_database(subject.package, migrated=False).owner_url
    await migrate(url, composition.migrations)
    assert await differences(url, composition.metadata) == []
    made = await made_in(url)
    assert own <= made
    await migrate(url, composition.migrations, to=f"{subject.package}@base", down=True)
    missing = {
        str(change[1].name) for change in await differences(url, composition.metadata) if change[0] == "add_table"
    }
    assert missing == own
    assert made - await made_in(url) == own | GUARDS.get(subject.package, set())
    await migrate(url, composition.migrations)
    assert await made_in(url) == made
    assert await differences(url, composition.metadata) == []


def test_every_refusal_of_the_domain_has_a_status(subject: Subject, composition: Composition) -> None:
    assert unmapped_errors(subject.package, composition.problems) == []


def test_every_operation_but_health_needs_a_token(make_app: Callable[..., FastAPI]) -> None:
    health = ["GET /health/live", "GET /health/ready"]
    assert unprotected_operations(make_app(docs=False)) == health
    open_too = set(unprotected_operations(make_app(docs=True))) - set(health)
    assert all("docs" in operation or "openapi" in operation for operation in open_too)


def test_every_operation_is_described_with_its_problems(subject: Subject, operations: Operations) -> None:
    assert len(operations) == OPERATIONS[subject.package]
    for (method, path), operation in operations.items():
        assert operation["summary"], path
        assert len(operation["description"]) > 40, path
        answers = operation["responses"].keys()
        assert {"401", "403", "422", "429", "503"} <= answers, path
        assert ("404" in answers) == ("{" in path or (method, path) in NAMED_IN_THE_BODY), path
        assert ("201" if method == "post" else "200") in answers, path
        if method == "post":
            assert {"409", "413"} <= answers, path
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (path, parameter["name"])


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """The schema's own example, or one made of the examples of its parts; none where a part has none."""
    schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    if own := [*schema.get("examples", []), *([schema["example"]] if "example" in schema else [])]:
        return own[0]
    if schema.get("type") == "array":
        part = example_of(schema["items"], schemas)
        return part and [part]
    parts = {name: example_of(schema["properties"][name], schemas) for name in schema.get("required", [])}
    return None if None in parts.values() else parts


def test_every_example_is_valid_where_it_stands(
    subject: Subject, document: dict[str, Any], operations: Operations
) -> None:
    assert sum("requestBody" in operation for operation in operations.values()) == BODIES[subject.package]
    shown = partial(example_of, schemas=document["components"]["schemas"])
    for place, operation in operations.items():
        answers = [answer for status, answer in operation["responses"].items() if status < "300"]
        assert len(answers) == 1, place
        contents = [*answers, *([operation["requestBody"]] if "requestBody" in operation else [])]
        for media in (media for content in contents for media in content["content"].values()):
            example = media.get("example") or shown(media["schema"])
            assert example, place
            root = media["schema"] | {"components": document["components"]}
            Draft202012Validator(root, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(example)
