"""Without its one key the service does not start: what draws arms in the open could be drawn by anybody."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from churn_alert.main import compose
from churn_alert.settings import HoldOutSettings, Settings
from rapport.privacy.key_checks import KeyChanged
from rapport.settings import SettingsInvalid
from tests.support.serving import Start


def test_nothing_starts_without_the_one_key_by_which_arms_are_drawn(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = make_settings()
    missing = settings.model_copy(update={"hold_out": HoldOutSettings()})
    with pytest.raises(SettingsInvalid, match=r"CHURN_ALERT_HOLD_OUT__KEY_FILE: is missing.*docs/runbooks/keys\.md"):
        compose(missing)
    for content, fault in (("", "holds no key"), ("1:short", "is not"), (f"{key(1)}\n{key(2)}", "2 keys")):
        path = tmp_path / "key"
        path.write_text(content)
        with pytest.raises(SettingsInvalid, match=f"HOLD_OUT__KEY_FILE.*{fault}") as refused:
            compose(settings.model_copy(update={"hold_out": HoldOutSettings(key_file=path)}))
        assert "QUFB" not in str(refused.value), "no key is shown"


def key(version: int) -> str:
    return f"{version}:{base64.b64encode(b'A' * 32).decode()}"


async def test_nothing_starts_with_another_key_than_the_one_that_drew_before(running: Start, key_folder: Path) -> None:
    service = await running()
    await service.runtime.check_keys()
    (key_folder / "hold-out-key").write_text(key(1))
    other = service.runtime.__class__(
        compose(service.runtime.settings),
        service.runtime.settings,
        role="api",
        observer=service.runtime.observer,
    )
    with pytest.raises(KeyChanged, match="CHURN_ALERT_HOLD_OUT__KEY_FILE: under version 1"):
        await other.check_keys()
    await other.close()
