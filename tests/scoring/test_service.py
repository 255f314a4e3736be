"""Scoring starts on no bank that cannot be, and its examples are answers of its own models."""

from collections.abc import Callable

import pytest

from rapport.settings import SettingsInvalid
from scoring.drift.api import MeasureView
from scoring.fairness.api import FindingView
from scoring.release.views import Move, PointsView
from scoring.scorecard.api import ScorecardView
from scoring.scorecard.documents import ScorecardContent, ScorecardDocument
from scoring.settings import Settings
from scoring.standing.history import DecisionView
from scoring.standing.views import StandingSummary, StandingView
from scoring.version.views import ActView, VersionSummary


def test_examples_are_answers_that_could_be_given() -> None:
    for model in (StandingView, DecisionView, ScorecardContent, ScorecardDocument, ScorecardView):
        (example,) = model.model_json_schema()["examples"]
        model.model_validate(example)
    for summary in (StandingSummary, VersionSummary, ActView, Move, PointsView, MeasureView, FindingView):
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
