"""Model documents: one that breaks a rule is refused by the name of the field."""

import json
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from churn_alert.risk.documents import PUBLISHED, RiskModelDocument, read_document
from churn_alert.risk.domain.calibration import logistic, logit
from churn_alert.risk.domain.features import NAMES
from rapport.documents import DocumentInvalid
from rapport.events.churn_alert import Likelihood, Reason
from tests.churn_alert.lives import RULES

MODEL = RULES.model


def changed(path: str, value: Any) -> dict[str, Any]:
    """The published document with one field replaced; a value of DROP takes it out."""
    document = json.loads(PUBLISHED.read_bytes())
    place, *parts = document, *path.split(".")
    for part in parts[:-1]:
        place = place[int(part)] if part.isdigit() else place[part]
    if value is DROP:
        del place[parts[-1]]
    else:
        place[parts[-1]] = value
    return dict(document)


DROP: Any = object()


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("features", [*NAMES[:-1], "mood"], r"features\.11: no feature mood"),
        ("features", list(NAMES[:-1]), "features: .*missing: negatives"),
        ("horizons.0.weights.mood", 1.0, r"horizons\.30\.weights\.mood: no feature"),
        ("horizons.1.weights.month", DROP, r"horizons\.90\.weights\.month: is missing"),
        ("horizons.0.typical.saved", DROP, r"horizons\.30\.typical\.saved: is missing"),
        ("horizons.0.weights.month", nan, r"horizons\.0\.weights\.month: .*finite"),
        ("horizons.0.weights.month", inf, r"horizons\.0\.weights\.month: .*finite"),
        ("horizons.1.intercept", -inf, r"horizons\.1\.intercept: .*finite"),
        ("horizons.0.weights.week", -0.1, r"horizons\.30\.weights\.week: below zero"),
        ("horizons.1.weights.pause", -0.1, r"horizons\.90\.weights\.pause: below zero"),
        ("horizons.0.weights.silence", 0.0, r"horizons\.30\.weights\.silence: with neither"),
        ("horizons.0.calibration.points", [[-1, -1], [1, -2]], r"horizons\.30\.calibration\.points\.1: both"),
        ("horizons.0.calibration.points", [[0, 0], [0, 1]], r"horizons\.30\.calibration\.points\.1: both"),
        ("horizons.0.calibration.points", [[0, 0], [1, nan]], r"horizons\.0\.calibration\.points.*finite"),
        ("horizons.0.calibration.points", [[0, 0]], r"horizons\.0\.calibration\.points"),
        ("thresholds.lower", 0.999, "thresholds: 0 < lower < upper < 1"),
        ("thresholds.upper", nan, r"thresholds\.upper: .*finite"),
        ("thresholds.dwell_days", 0, r"thresholds\.dwell_days"),
        ("thresholds.rest_days", 3_000_000, r"thresholds\.rest_days"),
        ("thresholds.least_history_days", 3_000_000, r"thresholds\.least_history_days"),
        ("version", 3_000_000_000, "version"),
        ("thresholds.horizon_days", 60, r"thresholds\.horizon_days: one of the horizons"),
        ("lifetime.alpha", inf, r"lifetime\.alpha: .*finite"),
        ("thresholds.usual_outflow", 0, r"thresholds\.usual_outflow"),
        ("thresholds.usual_outflow", -0.5, r"thresholds\.usual_outflow"),
        ("card.figures.auc", nan, r"card: .*figures\.auc: is not a finite number"),
        ("effective_from", "0001-01-01", "effective_from: .*1900-01-01"),
        ("dwel_days", 7, "dwel_days"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_by_the_name_of_the_field(
    tmp_path: Path, path: str, value: Any, named: str
) -> None:
    broken = tmp_path / "model.json"
    broken.write_text(json.dumps(changed(path, value)))
    with pytest.raises(DocumentInvalid, match=named):
        read_document(broken)


def test_thresholds_between_which_customers_would_flap_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "model.json"
    near = logistic(logit(MODEL.upper) - 0.5)
    broken.write_text(json.dumps(changed("thresholds.lower", near)))
    with pytest.raises(DocumentInvalid, match=r"thresholds\.lower: customers would flap"):
        read_document(broken)


def test_a_document_of_the_release_before_is_refused_and_so_is_none(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match=r"own-rate-1\.json: effective_from"):
        read_document(PUBLISHED.with_name("own-rate-1.json"))
    with pytest.raises(DocumentInvalid, match="cannot be read"):
        read_document(tmp_path / "none.json")


def test_a_risk_that_is_not_a_number_can_be_told_to_nobody() -> None:
    for wrong in (nan, inf, -inf):
        with pytest.raises(ValueError, match="probability"):
            Likelihood(days=30, probability=wrong)
        with pytest.raises(ValueError, match="contribution"):
            Reason(name="month", value=1.0, typical=0.0, contribution=wrong)


def test_the_published_document_is_whole() -> None:
    document = read_document()
    assert isinstance(document, RiskModelDocument)
    assert tuple(document.features) == NAMES
    assert document.card
