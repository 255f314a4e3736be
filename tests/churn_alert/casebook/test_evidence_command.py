"""`python -m churn_alert evidence` as a person runs it: a table, a file, or one line why there is nothing."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport.messaging.offsets import move_clocks
from tests.churn_alert.casebook.conftest import Write
from tests.churn_alert.casebook.test_evidence import LEAST, NOW, drawn
from tests.support.delivering import Delivering


@pytest.fixture(autouse=True)
async def now(service: Delivering) -> None:
    """Events came until then."""
    async with service.runtime.engine.begin() as connection:
        await move_clocks(connection, {0: NOW})


def command(service: Delivering, *asked: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, over the database of the service."""
    settings: Any = service.runtime.settings
    environment = os.environ | {
        "CHURN_ALERT_DATABASE__URL": settings.database.url.get_secret_value(),
        "CHURN_ALERT_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "CHURN_ALERT_AUTH__ISSUER": settings.auth.issuer,
        "CHURN_ALERT_AUTH__JWKS": settings.auth.jwks,
        "CHURN_ALERT_ENCRYPTION__KEY_FILE": str(settings.encryption.key_file),
        "CHURN_ALERT_HOLD_OUT__KEY_FILE": str(settings.hold_out.key_file),
        "CHURN_ALERT_TIME__MODE": "stream",
        "COLUMNS": "200",
    }
    line = [sys.executable, "-m", "churn_alert", "evidence", *asked]
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=240, check=False)


async def test_the_command_prints_or_writes_what_the_endpoint_answers(
    service: Delivering, write: Write, watcher: httpx.AsyncClient, tmp_path: Path
) -> None:
    await write(*drawn("high", treated=LEAST, held_out=20))
    printed = command(service)
    assert printed.returncode == 0, printed.stderr
    assert "care-of-all 1: contact care-message, then contact care-letter, then task care-call" in printed.stdout
    assert f"{LEAST}" in printed.stdout
    assert "100.0%" in printed.stdout
    file = tmp_path / "evidence.json"
    written = command(service, "--playbook", "care-of-all", "--json", str(file))
    assert (written.returncode, written.stdout) == (0, ""), written.stderr
    answered = (await watcher.get("/cases/what-worked", params={"playbook": "care-of-all"})).json()
    assert json.loads(file.read_text()) == answered
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "a bank's own failures are nobody else's to read"


async def test_where_nothing_was_tried_it_says_so_in_one_line(service: Delivering, write: Write) -> None:
    nothing = command(service)
    assert nothing.returncode != 0
    assert "no alert was dealt with by any playbook yet: see GET /playbooks for names" in nothing.stderr
    assert "Traceback" not in nothing.stderr
    await write(*drawn("high", treated=LEAST, held_out=20))
    strange = command(service, "--playbook", "care-by-letter")
    assert strange.returncode != 0
    assert "no alert was dealt with by care-by-letter yet" in strange.stderr
