"""`python -m customer_profile data-quality` prints what was counted and draws it."""

import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

from customer_profile.quality.handlers import count_book
from customer_profile.quality.page import Series, quality_page
from rapport.clock import utc_now
from tests.customer_profile.quality.test_counts import SOUND, SPOILT, told
from tests.support.delivering import Delivering

TODAY = date(2026, 3, 4)
DAYS = [TODAY - timedelta(days=back) for back in (2, 1, 0)]


def data_quality(service: Delivering, *options: str) -> subprocess.CompletedProcess[str]:
    """The command over the database of this service."""
    settings = service.runtime.settings
    key = str(settings.encryption.key_file)
    environment = dict(os.environ) | {
        "CUSTOMER_PROFILE_DATABASE__URL": settings.database.url.get_secret_value(),
        "CUSTOMER_PROFILE_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "CUSTOMER_PROFILE_AUTH__ISSUER": settings.auth.issuer,
        "CUSTOMER_PROFILE_AUTH__JWKS": settings.auth.jwks,
        "CUSTOMER_PROFILE_ENCRYPTION__KEY_FILE": key,
        "CUSTOMER_PROFILE_LOOK_UP__KEY_FILE": key,
        "COLUMNS": "160",
    }
    command = [sys.executable, "-m", "customer_profile", "data-quality", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def test_it_prints_every_attribute_and_draws_it(service: Delivering, tmp_path: Path) -> None:
    refused = data_quality(service)
    assert (refused.returncode, "is a worker running?" in refused.stderr) == (2, True)
    now = utc_now() - timedelta(hours=1)
    for customer_id, identity in (("c-1", SOUND), ("c-2", SPOILT)):
        raw = told(service, customer_id=customer_id, identity=identity, recorded_at=now)
        raw.timestamp = int(now.timestamp() * 1000)
        await service.deliver(raw)
    await count_book(service.runtime.transactions)
    done = data_quality(service, "--html", str(tmp_path / "page.html"))
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    day = datetime.fromtimestamp(now.timestamp(), UTC).date().isoformat()
    assert ["core", "id_number", "accuracy", "2", "1", "50.00%", day] in lines
    assert "check-digit 1" in done.stdout
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    pictures = re.findall(r"<svg .*?</svg>", page)
    assert len(pictures) == len(set(re.findall(r"<h2>(.*?)</h2>", page))) == 7
    assert all(len(ET.fromstring(picture).findall("polyline")) > 0 for picture in pictures)
    assert SPOILT.id_number not in page + done.stdout


def test_a_share_is_as_high_as_it_is_and_a_day_without_records_is_none() -> None:
    found = [Series("core", "<phone>", "accuracy", {DAYS[0]: (10, 5), DAYS[2]: (10, 10)})]
    page = quality_page(found, {}, DAYS)
    assert "<phone>" not in page
    (line,) = re.findall(r"points='(.*?)'", page)
    heights = [float(place.split(",")[1]) for place in line.split()]
    assert heights == [60.0, 120.0, 0.0]
    assert "75.00%" in page


def test_of_the_book_the_last_day_is_told_and_not_the_sum() -> None:
    found = Series("book", "phone", "accuracy", {DAYS[0]: (10, 5), DAYS[1]: (11, 4)})
    assert found.total == (11, 4)
    assert Series("core", *found[1:]).total == (21, 9)
