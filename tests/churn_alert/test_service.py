"""Churn-alert as a whole: migrations equal models, every refusal has a status, and the API page tells the truth."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from sqlalchemy import text

from churn_alert import main
from churn_alert.main import compose
from churn_alert.settings import Settings
from churn_alert.tables import metadata
from rapport.database import create_engine
from rapport.migrations import differences, migrate
from rapport.settings import SettingsInvalid
from rapport.web import unmapped_errors, unprotected_operations
from tests.support.stack import FreshDatabase

MIGRATIONS = Path(main.__file__).parents[1] / "migrations"


async def tables_of(url: str) -> set[str]:
    engine = create_engine(url, application="test", pool_size=1)
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        names = set(found.scalars())
    await engine.dispose()
    return names


async def test_migrations_equal_models_and_go_back(fresh_database: Callable[..., FreshDatabase]) -> None:
    url = fresh_database("churn_alert", migrated=False).owner_url
    await migrate(url, MIGRATIONS)
    assert await differences(url, metadata) == []
    await migrate(url, MIGRATIONS, to="churn_alert@base", down=True)
    assert set(metadata.tables).isdisjoint(await tables_of(url))
    await migrate(url, MIGRATIONS)
    assert set(metadata.tables) <= await tables_of(url)


def test_every_refusal_of_the_domain_has_a_status() -> None:
    assert unmapped_errors("churn_alert", main.PROBLEMS) == []


def test_every_operation_but_health_asks_for_a_token(app: FastAPI) -> None:
    assert all("/health/" in operation for operation in unprotected_operations(app))


def own_operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path.startswith(("/risk", "/alerts"))
    }


def test_every_operation_is_described_with_its_problems(app: FastAPI) -> None:
    found = own_operations(app.openapi())
    assert len(found) == 8
    for name, operation in found.items():
        assert operation["summary"] and operation["description"], name
        assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), name
        if "{" in name:
            assert "404" in operation["responses"], name
        if name.startswith("post"):
            assert {"409", "413"} <= set(operation["responses"]), name


def test_every_example_is_valid_where_it_stands(app: FastAPI) -> None:
    document = app.openapi()
    schemas = document["components"]["schemas"]
    seen = 0
    for operation in own_operations(document).values():
        answers = [answer for status, answer in operation["responses"].items() if status < "300"]
        for content in [*answers, *([operation["requestBody"]] if "requestBody" in operation else [])]:
            media = content["content"]["application/json"]
            name = media["schema"].get("$ref", "").rpartition("/")[2]
            example = media.get("example", schemas.get(name, {}).get("example"))
            assert example is not None, name
            root = media["schema"] | {"components": document["components"]}
            Draft202012Validator(root, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(example)
            seen += 1
    assert seen == 8 + 1


@pytest.mark.parametrize(("name", "value"), [("currency", "XXX"), ("time_zone", "Mars/Olympus")])
def test_a_setting_the_world_does_not_know_is_refused(
    make_settings: Callable[..., Settings], name: str, value: str
) -> None:
    with pytest.raises(ValueError, match=name):
        make_settings(**{name: value})


def test_nothing_starts_on_a_model_that_breaks_a_rule(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    broken = tmp_path / "model.json"
    broken.write_text("{}")
    with pytest.raises(SettingsInvalid, match=r"model\.json"):
        compose(make_settings(risk_model=broken))
