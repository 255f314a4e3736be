"""A register that breaks a rule is refused at the start, and says in which field."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from churn_alert.main import compose
from churn_alert.register.documents import PUBLISHED, read_register
from churn_alert.settings import Settings
from rapport.documents import DocumentInvalid
from rapport.settings import SettingsInvalid


def set_at(document: dict[str, Any], path: str, value: Any) -> None:
    *before, last = path.split(".")
    for one in before:
        document = document[one]
    document[last] = value


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("causes.market", [], "causes.market"),
        ("causes.legal", ["overdrawn"], "causes"),
        ("rules.overdrafts.cause", "rate-move", "rules.overdrafts.cause"),
        ("rules.overdrafts.due_days", 0, "rules.overdrafts.due_days"),
        ("rules.loan_classes.severities", {"bad": "low"}, "rules.loan_classes.severities"),
        ("weight", 1, "weight"),
    ],
)
def test_rules_that_break_a_rule_name_the_field(tmp_path: Path, path: str, value: Any, field: str) -> None:
    document = json.loads(PUBLISHED.read_bytes())
    set_at(document, path, value)
    file = tmp_path / "register.json"
    file.write_text(json.dumps(document))
    with pytest.raises(DocumentInvalid, match=r"register\.json") as refused:
        read_register(file, today=date(2025, 6, 2))
    assert field in str(refused.value)


def test_nothing_starts_on_rules_that_break_a_rule(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        compose(make_settings(register_rules=tmp_path / "gone.json"))
