"""Of two processes that start at once with different keys under one version, one is refused."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.privacy.encryption import MasterKeys
from rapport.privacy.key_checks import KeyChanged, KeyFile, check_keys


def held(keys: dict[int, bytes]) -> list[KeyFile]:
    return [KeyFile("FEEDBACK_ENCRYPTION__KEY_FILE", Path("/keys"), MasterKeys(keys))]


async def start(engine: AsyncEngine, keys: dict[int, bytes]) -> None:
    async with engine.begin() as connection:
        await check_keys(connection, "feedback", held(keys))


async def test_the_second_waits_for_the_first_and_is_refused_with_all_it_would_have_kept(engine: AsyncEngine) -> None:
    async with engine.begin() as first:
        await check_keys(first, "feedback", held({1: b"k" * 32}))
        second = asyncio.create_task(start(engine, {1: b"x" * 32, 2: b"n" * 32}))
        done, _ = await asyncio.wait([second], timeout=0.3)
        assert not done
    with pytest.raises(KeyChanged, match=r"^FEEDBACK_ENCRYPTION__KEY_FILE: under version 1 the key file /keys holds"):
        await second
    async with engine.connect() as connection:
        assert list((await connection.execute(text("SELECT version FROM key_checks"))).scalars()) == [1]


async def test_the_second_with_the_same_keys_starts(engine: AsyncEngine) -> None:
    await asyncio.gather(*(start(engine, {1: b"k" * 32, 2: b"n" * 32}) for _ in range(4)))
