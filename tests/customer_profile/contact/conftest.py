"""The service with a file for a channel, and a policy whose quiet hours the time of a test run does not meet."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from customer_profile.contact.documents import POLICY, TEMPLATES
from tests.customer_profile.contact.asking import Changes
from tests.support.delivering import Delivering
from tests.support.serving import Subject
from tests.support.stack import FreshDatabase

Begin = Callable[..., Awaitable[Delivering]]


@pytest.fixture
async def begin(
    subject: Subject, empty_database: Callable[[], FreshDatabase], key_folder: Path, tmp_path: Path
) -> AsyncIterator[Begin]:
    """`begin(lambda policy: …)`: the service with the published policy, awake at any hour, and changed so; `words`
    changes the published templates.
    """
    begun: list[Delivering] = []

    async def start(change: Changes = lambda _: None, words: Changes = lambda _: None) -> Delivering:
        policy = json.loads(POLICY.read_text(encoding="utf-8"))
        for kind in policy["kinds"].values():
            kind["quiet_hours"] = False
        policy["version"] = 7
        change(policy)
        (tmp_path / "policy.json").write_text(json.dumps(policy))
        templates = json.loads(TEMPLATES.read_text(encoding="utf-8"))
        words(templates)
        (tmp_path / "templates.json").write_text(json.dumps(templates))
        files = {"policy": tmp_path / "policy.json", "templates": tmp_path / "templates.json"}
        contact = {"sink_folder": tmp_path, **files}
        settings = subject.settings(empty_database(), key_folder, mode="wall", contact=contact)
        delivering = Delivering(subject.runtime(settings))
        begun.append(delivering)
        await delivering.begin()
        return delivering

    yield start
    for delivering in begun:
        await delivering.runtime.close()


@pytest.fixture
async def service(begin: Begin) -> Delivering:
    return await begin()
