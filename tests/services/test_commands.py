"""What every service's program says of what it can do."""

from importlib import import_module

import pytest

from rapport.service import ROLES, run
from tests.support.serving import SUBJECTS


@pytest.mark.parametrize("package", SUBJECTS)
@pytest.mark.parametrize("role", [*ROLES, "dead-letters"])
def test_every_role_of_every_service_says_what_it_does(
    package: str, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = import_module(f"{package}.settings").Settings
    with pytest.raises(SystemExit, match="0"):
        run(settings, import_module(f"{package}.main").compose, [role, "--help"])
    _, described, *_ = capsys.readouterr().out.split("\n\n")
    assert described.endswith(".")
    assert described[0].isupper()
