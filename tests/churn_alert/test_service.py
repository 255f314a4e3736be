"""Churn-alert starts on nothing that the world or its own rules refuse."""

from collections.abc import Callable
from pathlib import Path

import pytest

from churn_alert.main import compose
from churn_alert.settings import Settings
from rapport.settings import SettingsInvalid


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
