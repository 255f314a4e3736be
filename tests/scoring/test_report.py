"""`python -m scoring report` prints drift and fairness and draws them; the gauges tell the same."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from scoring.fairness.domain import NOT_KNOWN
from tests.scoring.facts import DAY, MONDAY, deliver, holdings
from tests.scoring.fairness.test_counting import counted, profile
from tests.scoring.figures import figure
from tests.support.delivering import Delivering

CROWD = 1_100


def report(service: Delivering, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command over the database of this service."""
    settings = service.runtime.settings
    environment = dict(os.environ) | {
        "SCORING_DATABASE__URL": settings.database.url.get_secret_value(),
        "SCORING_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "SCORING_AUTH__ISSUER": settings.auth.issuer,
        "SCORING_AUTH__JWKS": settings.auth.jwks,
        "SCORING_ENCRYPTION__KEY_FILE": str(settings.encryption.key_file),
        "COLUMNS": "160",
    }
    command = [sys.executable, "-m", "scoring", "report", "--out", str(folder / "page.html"), *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def fill(service: Delivering, revision: int, amount: str) -> None:
    """Everybody holds as much; half are women, all of one region whose name would be markup."""
    for first in range(0, CROWD, 400):
        numbers = range(first, min(first + 400, CROWD))
        at = MONDAY + revision * DAY
        await deliver(service, *[holdings(revision, amount, customer_id=f"c-{n}", at=at) for n in numbers])
        genders = ("female", "male")
        told = [profile(f"c-{n}", revision, gender=genders[n % 2], region="north") for n in numbers]
        await deliver(service, *told)


async def test_the_report_counts_the_book_prints_it_and_draws_it(service: Delivering, tmp_path: Path) -> None:
    refused = report(service, tmp_path)
    assert (refused.returncode, "--now counts the book" in refused.stderr) == (2, True)
    await fill(service, 1, "100.00")
    first = report(service, tmp_path, "--now")
    assert first.returncode == 0, first.stderr
    assert "the reference of its version" in first.stdout
    await fill(service, 2, "9000000.00")
    await counted(service)
    done = report(service, tmp_path)
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line.split()}
    assert lines["points"][-1] == "moved"
    assert lines["gender"][1:3] == ["male", "550"]
    assert all(sentence in " ".join(done.stdout.split()) for sentence in NOT_KNOWN)
    page = (tmp_path / "page.html").read_text()
    pictures = [part.partition("</svg>")[0] for part in page.split("<svg ")[1:]]
    assert len(pictures) == 2
    for picture in pictures:
        ET.fromstring(f"<svg {picture}</svg>")
    assert "<script" not in page

    indices = {labels[-1]: value for labels, value in (await figure(service, "rapport_scoring_psi")).items()}
    assert f"{indices['points']:.4f}" == lines["points"][2]
    rates = {labels[-1]: value for labels, value in (await figure(service, "rapport_scoring_selection_rate")).items()}
    assert f"{rates['male']:.1%}" == lines["gender"][3]
