"""The service as a whole: its migrations, its errors, its tokens and its description."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from rapport.migrations import differences, migrate
from rapport.settings import SettingsInvalid
from rapport.web import unmapped_errors, unprotected_operations
from scoring import main
from scoring.main import PROBLEMS
from scoring.scorecard.api import ScorecardSummary
from scoring.scorecard.documents import ScorecardDocument
from scoring.settings import Settings
from scoring.standing.views import DecisionView, StandingSummary, StandingView
from scoring.tables import metadata
from tests.support.stack import FreshDatabase

MIGRATIONS = Path(main.__file__).parents[1] / "migrations"


async def test_migrations_equal_the_tables_in_code(fresh_database: Callable[..., FreshDatabase]) -> None:
    assert await differences(fresh_database("scoring").owner_url, metadata) == []


async def test_migrations_can_be_taken_back_and_done_again(fresh_database: Callable[..., FreshDatabase]) -> None:
    owner_url = fresh_database("scoring").owner_url
    await migrate(owner_url, MIGRATIONS, to="scoring@base", down=True)
    missing = {str(change[1].name) for change in await differences(owner_url, metadata) if change[0] == "add_table"}
    assert missing == {"standings", "decisions", "scorecards"}
    await migrate(owner_url, MIGRATIONS)
    assert await differences(owner_url, metadata) == []


def test_every_error_has_a_status() -> None:
    assert unmapped_errors("scoring", PROBLEMS) == []


def test_every_operation_but_health_needs_a_token(app: FastAPI) -> None:
    assert unprotected_operations(app) == ["GET /health/live", "GET /health/ready"]


def operations(app: FastAPI) -> list[tuple[str, dict[str, Any]]]:
    return [
        (path, operation)
        for path, methods in app.openapi()["paths"].items()
        for operation in methods.values()
        if path.startswith(("/standings", "/scorecards"))
    ]


def test_every_operation_is_described_for_whoever_calls_it(app: FastAPI) -> None:
    found = operations(app)
    assert len(found) == 5
    for path, operation in found:
        assert operation["summary"] and operation["description"]
        assert {"200", "401", "403", "422", "429", "503"} <= operation["responses"].keys()
        assert ("404" in operation["responses"]) == ("{" in path)
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (path, parameter["name"])


def test_examples_are_answers_that_could_be_given() -> None:
    for model in (StandingView, DecisionView, ScorecardDocument):
        (example,) = model.model_json_schema()["examples"]
        model.model_validate(example)
    for summary in (StandingSummary, ScorecardSummary):
        fields = summary.model_json_schema()["properties"]
        summary.model_validate({name: field["examples"][0] for name, field in fields.items()})


@pytest.mark.parametrize(("bank", "fault"), [({"currency": "XYZ"}, "CURRENCY"), ({"time_zone": "Mars"}, "TIME_ZONE")])
def test_a_bank_that_cannot_be_is_refused_at_start(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, bank: dict[str, str], fault: str
) -> None:
    settings = make_settings()
    for name, value in {
        "SCORING_DATABASE__URL": settings.database.url.get_secret_value(),
        "SCORING_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "SCORING_AUTH__ISSUER": "i",
        "SCORING_AUTH__JWKS": "j",
        "SCORING_ENCRYPTION__KEY_FILE": "k",
    }.items():
        monkeypatch.setenv(name, value)
    for name, value in bank.items():
        monkeypatch.setenv(f"SCORING_BANK__{name.upper()}", value)
    with pytest.raises(SettingsInvalid, match=f"SCORING_BANK__{fault}"):
        Settings.read()
