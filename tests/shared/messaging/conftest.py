"""A tally service over an empty database of its own."""
import uuid, base64, pathlib
from collections.abc import AsyncIterator

import pytest
import asyncpg
from pydantic import SecretStr

from rapport.composition import Runtime
from rapport.messaging.observer import Observer
from rapport.migrations import migrate
from rapport.settings import *
from tests.support.delivering import Delivering
from tests.support.tally import CREATE, compose


@pytest.fixture
async def tally(tmp_path) -> AsyncIterator[Delivering]:
    name = "t" + uuid.uuid4().hex[:8]
    c = await asyncpg.connect("postgresql://postgres:secret@127.0.0.1:55432/postgres")
    await c.execute(f"CREATE DATABASE {name} TEMPLATE tally"); await c.close()
    url = f"postgresql+asyncpg://tally_owner:p@127.0.0.1:55432/{name}"
    c = await asyncpg.connect(url.replace("+asyncpg","")); await c.execute(CREATE); await c.close()
    (tmp_path / "key").write_text("1:" + base64.b64encode(b"k" * 32).decode())
    settings = ServiceSettings(database={"url": url.replace("tally_owner","tally")}, kafka={"bootstrap_servers": "127.0.0.1:1"}, auth={"issuer":"i","jwks":"/x"}, encryption={"key_file": tmp_path/"key"})
    runtime = Runtime(compose(), settings, role="worker", observer=Observer())
    d = Delivering(runtime)
    await d.begin()
    yield d
    await runtime.close()


@pytest.fixture
async def tally_on_kafka(tally, tmp_path) -> AsyncIterator[Delivering]:
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic
    from rapport.messaging.beginnings import write_beginnings
    s = tally.runtime.settings
    prefix = "t" + uuid.uuid4().hex[:6] + "."
    s = s.model_copy(update={"kafka": KafkaSettings(bootstrap_servers="127.0.0.1:59092", topic_prefix=prefix, session_timeout_ms=6000)})
    a = AIOKafkaAdminClient(bootstrap_servers="127.0.0.1:59092"); await a.start()
    await a.create_topics([NewTopic(prefix + n, 24, 1) for n in ("number-said", "word-whispered", "tally-changed", "tally.dead-letter")]); await a.close()
    runtime = Runtime(compose(), s, role="worker", observer=Observer())
    d = Delivering(runtime)
    await write_beginnings(runtime.url, s.kafka, runtime.composition.subscriptions)
    yield d
    await runtime.close()
