"""What customer-profile offers: its operations by name, each with its problems, and the examples of its models."""

from typing import Any

import pytest
from fastapi import FastAPI

from customer_profile.settings import Settings
from rapport.settings import SettingsInvalid


def _operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    paths = app.openapi()["paths"]
    return [
        (method, path, operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if path.startswith("/customers")
    ]


def test_a_customers_file_is_recorded_listed_shown_corrected_and_accounted_for(app: FastAPI) -> None:
    assert [(method, path) for method, path, _ in _operations(app)] == [
        ("get", "/customers/unmaskings"),
        ("get", "/customers/look-ups"),
        ("post", "/customers"),
        ("get", "/customers"),
        ("get", "/customers/{customer_id}"),
        ("patch", "/customers/{customer_id}"),
        ("get", "/customers/{customer_id}/changes"),
        ("post", "/customers/look-up"),
        ("post", "/customers/{customer_id}/status"),
        ("get", "/customers/{customer_id}/status/history"),
        ("get", "/customers/{customer_id}/accounts"),
        ("get", "/customers/{customer_id}/portrait"),
        ("get", "/customers/{customer_id}/consents"),
        ("post", "/customers/{customer_id}/consents"),
        ("get", "/customers/{customer_id}/consents/history"),
        ("post", "/customers/{customer_id}/consents/askings"),
        ("get", "/customers/{customer_id}/contacts"),
        ("post", "/customers/{customer_id}/corrections"),
        ("post", "/customers/{customer_id}/unmaskings"),
        ("post", "/customers/{customer_id}/holds"),
        ("get", "/customers/{customer_id}/life"),
    ]


def test_every_problem_an_operation_answers_with_is_in_its_document(app: FastAPI) -> None:
    documented = {(method, path): set(operation["responses"]) for method, path, operation in _operations(app)}
    assert {"201", "401", "403", "409", "413", "422", "429", "503"} <= documented["post", "/customers"]
    assert {"200", "404", "409", "412", "422"} <= documented["patch", "/customers/{customer_id}"]
    for path in ("", "/changes", "/accounts", "/portrait"):
        assert {"200", "401", "403", "404", "422"} <= documented["get", "/customers/{customer_id}" + path]


def test_the_examples_are_what_the_models_accept_and_answer() -> None:
    from customer_profile.account.views import ACCOUNT, AccountView
    from customer_profile.customer.api.requests import CORRECTION, NEW_CUSTOMER, Correction, NewCustomer
    from customer_profile.customer.api.views import CHANGE, CUSTOMER, ChangeView, CustomerView
    from customer_profile.portrait.examples import PORTRAIT
    from customer_profile.portrait.views import PortraitView

    NewCustomer.model_validate(NEW_CUSTOMER)
    Correction.model_validate(CORRECTION)
    for model, example in (
        (AccountView, ACCOUNT),
        (ChangeView, CHANGE),
        (CustomerView, CUSTOMER),
        (PortraitView, PORTRAIT),
    ):
        assert model.model_validate(example).model_dump(mode="json") == example


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_PROFILE_DATABASE__URL", "postgresql+asyncpg://a:secret@h/d")
    with pytest.raises(SettingsInvalid) as refusal:
        Settings.read()
    assert "CUSTOMER_PROFILE_KAFKA" in str(refusal.value)
    assert "secret" not in str(refusal.value)
