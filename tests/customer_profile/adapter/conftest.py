"""The service with the adapters that ship as examples."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from customer_profile.adapter.mappings import EXAMPLES
from customer_profile.settings import Settings
from tests.customer_profile.adapter.cores import KEY
from tests.support.delivering import Delivering
from tests.support.serving import Subject
from tests.support.stack import FreshDatabase


@pytest.fixture
def adapter_settings(
    subject: Subject, empty_database: Callable[[], FreshDatabase], key_folder: Path
) -> Callable[..., Settings]:
    """Settings that name the examples of mappings; the keywords are other groups."""
    token_key = key_folder / "token-key"
    token_key.write_text("1:" + base64.b64encode(KEY).decode())
    adapter = {"folder": str(EXAMPLES), "token_key_file": str(token_key)}

    def make(mode: str = "wall", **groups: Any) -> Settings:
        made = subject.settings(empty_database(), key_folder, mode=mode, **({"adapter": adapter} | groups))
        assert isinstance(made, Settings)
        return made

    return make


@pytest.fixture
async def adapting(
    subject: Subject, adapter_settings: Callable[..., Settings]
) -> AsyncIterator[Callable[..., Awaitable[Delivering]]]:
    """`service = await adapting()`: over a database of its own."""
    started: list[Delivering] = []

    async def start(mode: str = "wall", **groups: Any) -> Delivering:
        delivering = Delivering(subject.runtime(adapter_settings(mode, **groups)))
        started.append(delivering)
        await delivering.begin()
        return delivering

    yield start
    for delivering in started:
        await delivering.runtime.close()


@pytest.fixture
async def service(adapting: Callable[..., Awaitable[Delivering]]) -> Delivering:
    return await adapting()
