"""What holds for the service as a whole: its tables, its operations, its document, its concepts' boundaries."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from customer_profile.main import PROBLEMS, compose
from customer_profile.settings import Settings
from customer_profile.tables import metadata
from rapport.database import create_engine
from rapport.migrations import differences, migrate
from rapport.settings import SettingsInvalid
from rapport.web import unmapped_errors, unprotected_operations
from tests.support.stack import FreshDatabase


async def test_the_migrations_make_the_tables_of_the_code(fresh_database: Callable[..., FreshDatabase]) -> None:
    database = fresh_database("customer_profile")
    assert await differences(database.owner_url, metadata) == []


async def test_the_migrations_can_be_taken_back_and_made_again(
    fresh_database: Callable[..., FreshDatabase], make_settings: Callable[..., Settings]
) -> None:
    database = fresh_database("customer_profile")
    folder = compose(make_settings()).migrations
    await migrate(database.owner_url, folder, to="customer_profile@base", down=True)
    assert await _made(database.owner_url) == (set(), 0)
    await migrate(database.owner_url, folder)
    assert await _made(database.owner_url) == (set(metadata.tables), 1)
    assert await differences(database.owner_url, metadata) == []


async def _made(owner_url: str) -> tuple[set[str], int]:
    """Our tables and functions in the database."""
    engine = create_engine(owner_url, application="test", pool_size=1)
    async with engine.connect() as connection:
        tables = await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        functions = await connection.execute(
            text("SELECT count(*) FROM pg_proc WHERE proname = 'refuse_to_alter_changes'")
        )
        found = set(tables.scalars()) & set(metadata.tables), int(functions.scalar_one())
    await engine.dispose()
    return found


def test_every_refusal_of_the_domain_has_a_status() -> None:
    assert unmapped_errors("customer_profile", PROBLEMS) == []


def test_every_operation_but_health_needs_a_token(app: FastAPI) -> None:
    assert all(
        "/health/" in operation or "docs" in operation or "openapi" in operation
        for operation in unprotected_operations(app)
    )


def _operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    paths = app.openapi()["paths"]
    return [
        (method, path, operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if path.startswith("/customers")
    ]


def test_every_operation_says_what_it_does_and_shows_an_example(app: FastAPI) -> None:
    operations = _operations(app)
    assert [(method, path) for method, path, _ in operations] == [
        ("post", "/customers"),
        ("get", "/customers"),
        ("get", "/customers/{customer_id}"),
        ("patch", "/customers/{customer_id}"),
        ("get", "/customers/{customer_id}/changes"),
        ("get", "/customers/{customer_id}/accounts"),
    ]
    schemas = app.openapi()["components"]["schemas"]
    for method, path, operation in operations:
        assert operation["summary"], path
        assert len(operation["description"]) > 40, path
        success = next(response for status, response in operation["responses"].items() if status < "300")
        assert success["content"]["application/json"]["example"], path
        if method in {"post", "patch"}:
            name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert schemas[name]["examples"], path


def test_every_problem_an_operation_answers_with_is_in_its_document(app: FastAPI) -> None:
    documented = {(method, path): set(operation["responses"]) for method, path, operation in _operations(app)}
    assert {"201", "401", "403", "409", "413", "422", "429", "503"} <= documented["post", "/customers"]
    assert {"200", "404", "409", "412", "422"} <= documented["patch", "/customers/{customer_id}"]
    for path in ("", "/changes", "/accounts"):
        assert {"200", "401", "403", "404", "422"} <= documented["get", "/customers/{customer_id}" + path]


def test_the_examples_are_what_the_models_accept_and_answer() -> None:
    from customer_profile.account.api import _EXAMPLE, AccountView
    from customer_profile.customer.api.requests import CORRECTION, NEW_CUSTOMER, Correction, NewCustomer
    from customer_profile.customer.api.views import CHANGE, CUSTOMER, ChangeView, CustomerView

    NewCustomer.model_validate(NEW_CUSTOMER)
    Correction.model_validate(CORRECTION)
    for model, example in ((AccountView, _EXAMPLE), (ChangeView, CHANGE), (CustomerView, CUSTOMER)):
        assert model.model_validate(example).model_dump(mode="json") == example


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_PROFILE_DATABASE__URL", "postgresql+asyncpg://a:secret@h/d")
    with pytest.raises(SettingsInvalid) as refusal:
        Settings.read()
    assert "CUSTOMER_PROFILE_KAFKA" in str(refusal.value)
    assert "secret" not in str(refusal.value)
