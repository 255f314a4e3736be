"""A tally service over an empty database of its own, and the same on topics of its own."""

import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from rapport.composition import Runtime
from rapport.messaging.beginnings import write_beginnings
from rapport.messaging.observer import Observer
from rapport.settings import ServiceSettings
from tests.support.delivering import Delivering
from tests.support.stack import FreshDatabase, Topics
from tests.support.tally import MIGRATIONS, compose


@pytest.fixture
def tally_settings(fresh_database: Callable[..., FreshDatabase], tmp_path: Path) -> Callable[..., ServiceSettings]:
    key = tmp_path / "encryption.key"
    key.write_text("1:" + base64.b64encode(b"k" * 32).decode())
    database = fresh_database("tally", migrations=MIGRATIONS)

    def settings(**kafka: object) -> ServiceSettings:
        return ServiceSettings.model_validate(
            {
                "database": {"url": database.url, "migration_url": database.owner_url},
                "kafka": {"bootstrap_servers": "127.0.0.1:1", "session_timeout_ms": 6000} | kafka,
                "auth": {"issuer": "nobody", "jwks": "nowhere"},
                "encryption": {"key_file": key},
            }
        )

    return settings


@pytest.fixture
async def tally(tally_settings: Callable[..., ServiceSettings]) -> AsyncIterator[Delivering]:
    runtime = Runtime(compose(), tally_settings(), role="worker", observer=Observer())
    delivering = Delivering(runtime)
    await delivering.begin()
    yield delivering
    await runtime.close()


@pytest.fixture
async def tally_on_kafka(
    tally_settings: Callable[..., ServiceSettings], stack: Stack, topics: Topics
) -> AsyncIterator[Delivering]:
    prefix = await topics.make(["number-said", "word-whispered", "tally-changed", "tally.dead-letter"])
    settings = tally_settings(bootstrap_servers=stack.bootstrap_servers, topic_prefix=prefix)
    runtime = Runtime(compose(), settings, role="worker", observer=Observer())
    await write_beginnings(runtime.url, settings.kafka, runtime.composition.subscriptions)
    yield Delivering(runtime)
    await runtime.close()
