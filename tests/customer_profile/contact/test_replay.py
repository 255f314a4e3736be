"""History that is played again reaches nobody: in stream time requests are decided and never handed over."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.customer_profile.contact.asking import answer, decide, sunk, told
from tests.customer_profile.facts import HOUR, MONDAY, customer, record
from tests.support.delivering import Delivering
from tests.support.serving import Subject
from tests.support.stack import FreshDatabase


@pytest.mark.parametrize(("mode", "is_reached"), [("wall", True), ("stream", False)])
def test_only_the_time_on_the_wall_hands_over(
    subject: Subject, key_folder: Path, *, mode: str, is_reached: bool
) -> None:
    database = FreshDatabase("nothing", "postgresql+asyncpg://nowhere", "postgresql+asyncpg://nowhere")
    settings = subject.settings(database, key_folder, mode=mode, contact={"sink_folder": key_folder})
    assert ("contacts" in subject.compose(settings).jobs) is is_reached


async def test_a_request_of_the_past_ends_with_its_own_time(
    subject: Subject, empty_database: Callable[[], FreshDatabase], key_folder: Path, tmp_path: Path
) -> None:
    settings = subject.settings(empty_database(), key_folder, mode="stream", contact={"sink_folder": tmp_path})
    service = Delivering(subject.runtime(settings))
    await service.begin()
    asked = answer(expires_at=MONDAY + 2 * HOUR)
    await service.deliver(record(service, customer()), service.feed.record(asked, time=MONDAY))
    await decide(service)
    assert await told(service) == {}
    for hours in (1, 3):
        at = MONDAY + timedelta(hours=hours)
        await service.deliver(record(service, customer(unit=f"B{hours}", recorded_at=at)))
        await decide(service)
    assert await told(service) == {"case-1": "expired"}
    assert sunk(tmp_path) == []
    await service.runtime.close()
