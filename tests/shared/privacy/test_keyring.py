"""A customer's key is made once, loaded by the batch, and gone with its row."""

import asyncio
import base64

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.privacy.ciphers import Algorithm
from rapport.privacy.encryption import CannotDecrypt, MasterKeys
from rapport.privacy.key_stores import FileKeys
from rapport.privacy.keyring import Keyring

MASTERS = MasterKeys({1: b"k" * 32})


def keyring_of(service: str, masters: MasterKeys = MASTERS) -> Keyring:
    return Keyring(service, FileKeys(service, masters), masters.algorithm)


async def test_keys_are_made_once_and_open_what_they_sealed(engine: AsyncEngine) -> None:
    keyring = keyring_of("feedback")
    async with engine.begin() as connection:
        first = await keyring.load(connection, ["c-2", "c-1", "c-1"])
        sealed = first["c-1"].encrypt("cases", "text", "张三")
    async with engine.begin() as connection:
        again = await keyring.load(connection, ["c-1", "c-3"])
    assert set(first) == {"c-1", "c-2"}
    assert again["c-1"].decrypt("cases", "text", sealed) == "张三"
    with pytest.raises(CannotDecrypt):
        again["c-3"].decrypt("cases", "text", sealed)


async def test_a_batch_costs_two_statements_when_all_are_new_and_one_when_none_is(engine: AsyncEngine) -> None:
    keyring = keyring_of("feedback")
    statements: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    ids = [f"c-{number}" for number in range(1000)]
    async with engine.begin() as connection:
        assert len(await keyring.load(connection, ids)) == 1000
    assert len(statements) == 2
    async with engine.begin() as connection:
        assert len(await keyring.load(connection, ids)) == 1000
    assert len(statements) == 3
    async with engine.begin() as connection:
        assert await keyring.load(connection, []) == {}
    assert len(statements) == 3


async def test_two_that_make_a_key_at_once_end_with_the_same(engine: AsyncEngine) -> None:
    keyring = keyring_of("feedback")

    async def seal() -> bytes:
        async with engine.begin() as connection:
            keys = await keyring.load(connection, ["c-1"])
            await asyncio.sleep(0.1)
            return keys["c-1"].encrypt("cases", "text", "x")

    sealed = await asyncio.gather(*(seal() for _ in range(4)))
    async with engine.connect() as connection:
        keys = await keyring.find(connection, ["c-1"])
    assert [keys["c-1"].decrypt("cases", "text", value) for value in sealed] == ["x"] * 4


async def test_without_its_row_a_customers_values_are_gone_for_ever(engine: AsyncEngine) -> None:
    keyring = keyring_of("feedback")
    async with engine.begin() as connection:
        sealed = (await keyring.load(connection, ["c-1"]))["c-1"].encrypt("cases", "text", "x")
        await connection.execute(text("DELETE FROM data_keys"))
        assert await keyring.find(connection, ["c-1"]) == {}
        fresh = await keyring.load(connection, ["c-1"])
    with pytest.raises(CannotDecrypt):
        fresh["c-1"].decrypt("cases", "text", sealed)


async def test_a_wrapped_key_is_bound_to_its_customer_service_and_master(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await keyring_of("feedback").load(connection, ["c-1", "c-2"])
        swap = "UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE customer_id = 'c-1')"
        await connection.execute(text(f"{swap} WHERE customer_id = 'c-2'"))
    others = [keyring_of("scoring"), keyring_of("feedback", MasterKeys({1: b"x" * 32}))]
    async with engine.connect() as connection:
        with pytest.raises(CannotDecrypt):
            await keyring_of("feedback").find(connection, ["c-2"])
        for other in [*others, keyring_of("feedback", MasterKeys({2: b"k" * 32}))]:
            with pytest.raises(CannotDecrypt):
                await other.find(connection, ["c-1"])


async def test_after_a_rotation_new_keys_are_wrapped_by_the_new_master(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await keyring_of("feedback").load(connection, ["c-1"])
        both = keyring_of("feedback", MasterKeys({1: b"k" * 32, 2: b"n" * 32}))
        assert set(await both.load(connection, ["c-1", "c-2"])) == {"c-1", "c-2"}
        rows = await connection.execute(text("SELECT kek_version FROM data_keys ORDER BY customer_id"))
        assert list(rows.scalars()) == [1, 2]


async def test_another_algorithm_seals_what_is_new_and_what_was_sealed_before_opens(engine: AsyncEngine) -> None:
    before = keyring_of("feedback")
    after = keyring_of("feedback", MasterKeys(MASTERS.keys, Algorithm.SM4_GCM))
    async with engine.begin() as connection:
        old = (await before.load(connection, ["c-1"]))["c-1"]
        new = (await after.load(connection, ["c-1", "c-2"]))["c-1"]
        sealed = [key.encrypt("cases", "text", "张三") for key in (old, new)]
        wrapped = await connection.execute(text("SELECT wrapped FROM data_keys ORDER BY customer_id"))
        assert [row.wrapped[0] for row in wrapped] == [1, 2]
        assert set(await before.find(connection, ["c-1", "c-2"])) == {"c-1", "c-2"}
    assert [value[0] for value in sealed] == [1, 2]
    assert [key.decrypt("cases", "text", value) for key in (old, new) for value in sealed] == ["张三"] * 4


async def test_nothing_of_a_key_lies_open_in_the_database(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await keyring_of("feedback").load(connection, ["c-1"])
        wrapped = (await connection.execute(text("SELECT wrapped FROM data_keys"))).scalar_one()
    assert len(wrapped) == 1 + 2 + 12 + 32 + 16
    assert base64.b64encode(b"k" * 32) not in base64.b64encode(wrapped)
