"""What test_vault promises of a stand-in, of a transit engine that runs: named by RAPPORT_TEST_VAULT and …_TOKEN_FILE.

A development server will do (`vault server -dev`, `vault secrets enable transit`). Each test makes a key of its own.
"""

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.privacy import rotation
from rapport.privacy.encryption import CannotDecrypt, KeyUnknown, MasterKeys
from rapport.privacy.key_stores import FileKeys, Item
from rapport.privacy.keyring import Keyring
from rapport.privacy.settings import VaultSettings
from rapport.privacy.vault import VaultAway, VaultKeys

ADDRESS, TOKEN_FILE = os.environ.get("RAPPORT_TEST_VAULT"), os.environ.get("RAPPORT_TEST_VAULT_TOKEN_FILE")
pytestmark = pytest.mark.skipif(
    not (ADDRESS and TOKEN_FILE), reason="no Vault at hand: name one in RAPPORT_TEST_VAULT and …_TOKEN_FILE"
)


class Operator:
    """Who may administer one key of the engine, as a service may not."""

    def __init__(self) -> None:
        self.key = f"rapport-test-{uuid.uuid4().hex}"
        token = Path(TOKEN_FILE or "").read_text().strip()
        self._client = httpx.Client(base_url=f"{ADDRESS}/v1/transit/keys/", headers={"X-Vault-Token": token})

    def do(self, act: str = "", **values: object) -> None:
        self._client.post(f"{self.key}{act}", json=values).raise_for_status()


@pytest.fixture
def operator() -> Operator:
    operator = Operator()
    operator.do(type="aes256-gcm96")
    return operator


@pytest.fixture
async def vault(operator: Operator) -> AsyncIterator[VaultKeys]:
    settings = VaultSettings(address=str(ADDRESS), key=operator.key, token_file=Path(str(TOKEN_FILE)))
    keys = VaultKeys(settings, FileKeys("feedback", MasterKeys({1: b"k" * 32})))
    yield keys
    await keys.close()


async def test_a_batch_comes_back_in_order_and_each_key_opens_for_its_owner_alone(vault: VaultKeys) -> None:
    items = [Item(f"c-{number}".encode(), number.to_bytes(2, "big") * 16) for number in range(2500)]
    wrapped = await vault.wrap(items)
    assert {one.version for one in wrapped} == {-1}
    mine = [Item(item.owner, one.value) for item, one in zip(items, wrapped, strict=True)]
    assert await vault.unwrap(mine) == [item.value for item in items]
    with pytest.raises(CannotDecrypt):
        await vault.unwrap([mine[0], Item(b"c-2", mine[1].value), mine[2]])


async def test_after_a_rotation_old_keys_open_until_vault_is_told_otherwise(
    vault: VaultKeys, operator: Operator
) -> None:
    (old,) = await vault.wrap([Item(b"c-1", b"d" * 32)])
    operator.do("/rotate")
    assert await vault.newest() == -2
    assert await vault.unwrap([Item(b"c-1", old.value)]) == [b"d" * 32]
    operator.do("/config", min_decryption_version=2)
    with pytest.raises(KeyUnknown, match="min_decryption_version"):
        await vault.unwrap([Item(b"c-1", old.value)])


async def test_rotating_in_vault_rewraps_every_customer_and_loses_none(
    engine: AsyncEngine, vault: VaultKeys, operator: Operator
) -> None:
    keyring, customers = Keyring("feedback", vault), [f"c-{number:04d}" for number in range(1500)]
    async with engine.begin() as connection:
        keys = await keyring.load(connection, customers)
        sealed = {customer: keys[customer].encrypt("cases", "text", customer) for customer in customers}
    operator.do("/rotate")
    done = [rotation.BEGIN]
    while done:
        async with engine.begin() as connection:
            done = await rotation.rewrap(connection, keyring, await vault.newest(), after=done[-1], limit=1000)
    operator.do("/config", min_decryption_version=2)
    async with engine.connect() as connection:
        assert await rotation.count_wrapped_by_others(connection, await vault.newest()) == 0
        found = await keyring.find(connection, customers)
    assert all(found[customer].decrypt("cases", "text", sealed[customer]) == customer for customer in customers)


async def test_a_token_that_vault_does_not_know_is_waited_for_and_said(vault: VaultKeys, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("nobody's")
    settings = VaultSettings(address=str(ADDRESS), key="rapport", token_file=tmp_path / "token")
    stranger = VaultKeys(settings, FileKeys("feedback", MasterKeys({1: b"k" * 32})))
    with pytest.raises(VaultAway, match=r"answered 403 .* valid"):
        await stranger.newest()
    await stranger.close()


async def test_a_key_that_vault_does_not_have_is_waited_for_and_said(tmp_path: Path) -> None:
    settings = VaultSettings(address=str(ADDRESS), key="none-such", token_file=Path(str(TOKEN_FILE)))
    keys = VaultKeys(settings, FileKeys("feedback", MasterKeys({1: b"k" * 32})))
    with pytest.raises(VaultAway, match="answered 404"):
        await keys.newest()
    await keys.close()
