"""Customers' data keys hang on a key in Vault: bound to their owners, rotated, and waited for while Vault is away."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.errors import NotReady
from rapport.privacy import rotation
from rapport.privacy.encryption import CannotDecrypt, KeyUnknown, MasterKeys
from rapport.privacy.key_stores import FileKeys, Item
from rapport.privacy.keyring import Keyring
from rapport.privacy.settings import VaultSettings
from rapport.privacy.vault import VaultAway, VaultKeys
from rapport.trust import CertificatesInvalid
from tests.support.transit import TOKEN, Transit

MASTERS = MasterKeys({1: b"k" * 32})
CUSTOMERS = [f"c-{number:04d}" for number in range(2500)]


@pytest.fixture
def transit() -> Transit:
    return Transit()


@pytest.fixture
async def vault(transit: Transit, tmp_path: Path) -> AsyncIterator[VaultKeys]:
    (tmp_path / "token").write_text(TOKEN + "\n")
    settings = VaultSettings(address="https://vault.bank", key="rapport", token_file=tmp_path / "token")
    keys = VaultKeys(settings, FileKeys("feedback", MASTERS), transport=transit.transport())
    yield keys
    await keys.close()


async def test_a_key_made_under_vault_opens_what_it_sealed(engine: AsyncEngine, vault: VaultKeys) -> None:
    keyring = Keyring("feedback", vault)
    async with engine.begin() as connection:
        sealed = (await keyring.load(connection, ["c-1"]))["c-1"].encrypt("cases", "text", "张三")
        rows = (await connection.execute(text("SELECT kek_version, wrapped FROM data_keys"))).all()
    async with engine.connect() as connection:
        assert (await keyring.find(connection, ["c-1"]))["c-1"].decrypt("cases", "text", sealed) == "张三"
    assert [(row.kek_version, row.wrapped[:9]) for row in rows] == [(-1, b"vault:v1:")]


async def test_a_batch_of_customers_costs_few_requests(engine: AsyncEngine, vault: VaultKeys, transit: Transit) -> None:
    async with engine.begin() as connection:
        await Keyring("feedback", vault).load(connection, CUSTOMERS)
    assert [count for _, _, count in transit.asked] == [1000, 1000, 500]


async def test_a_data_key_that_was_moved_to_another_customer_does_not_open(
    engine: AsyncEngine, vault: VaultKeys
) -> None:
    keyring = Keyring("feedback", vault)
    async with engine.begin() as connection:
        await keyring.load(connection, ["c-1", "c-2"])
        await connection.execute(
            text("UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE customer_id = 'c-1')")
        )
        with pytest.raises(CannotDecrypt):
            await keyring.find(connection, ["c-2"])
        with pytest.raises(CannotDecrypt):
            await Keyring("scoring", vault).find(connection, ["c-1"])


async def test_what_the_file_wrapped_opens_under_vault_and_is_brought_to_it_while_all_reads(
    engine: AsyncEngine, vault: VaultKeys, transit: Transit
) -> None:
    files, keyring = Keyring("feedback", FileKeys("feedback", MASTERS)), Keyring("feedback", vault)
    async with engine.begin() as connection:
        sealed = (await files.load(connection, CUSTOMERS))["c-0007"].encrypt("cases", "text", "x")
        await keyring.load(connection, ["c-new"])
    newest = await vault.newest()
    done = [rotation.BEGIN]
    while done:
        async with engine.begin() as connection:
            keys = await keyring.find(connection, ["c-0007", "c-2000", "c-new"])
            assert keys["c-0007"].decrypt("cases", "text", sealed) == "x"
            done = await rotation.rewrap(connection, keyring, newest, after=done[-1], limit=1000)
    async with engine.connect() as connection:
        assert await rotation.count_wrapped_by_others(connection, newest) == 0
        assert (await keyring.find(connection, ["c-0007"]))["c-0007"].decrypt("cases", "text", sealed) == "x"
        transit.rotate()
        assert await rotation.count_wrapped_by_others(connection, await vault.newest()) == len(CUSTOMERS) + 1


async def test_while_vault_is_away_everything_waits_and_the_reason_is_said(
    engine: AsyncEngine, vault: VaultKeys, transit: Transit, tmp_path: Path
) -> None:
    keyring = Keyring("feedback", vault)
    async with engine.begin() as connection:
        await keyring.load(connection, ["c-1"])
        transit.down = True
        with pytest.raises(NotReady, match=r"cannot be reached at https://vault\.bank"):
            await keyring.find(connection, ["c-1"])
        transit.down, transit.sealed = False, True
        with pytest.raises(VaultAway, match=r"answered 503 .* is it unsealed"):
            await keyring.find(connection, ["c-1"])
        transit.sealed = False
        (tmp_path / "token").write_text("expired")
        with pytest.raises(VaultAway, match=r"answered 403 .* valid"):
            await keyring.find(connection, ["c-1"])
        (tmp_path / "token").unlink()
        with pytest.raises(VaultAway, match=r"token file .* cannot be read"):
            await keyring.find(connection, ["c-1"])
        (tmp_path / "token").write_text(TOKEN)
        assert set(await keyring.find(connection, ["c-1"])) == {"c-1"}


async def test_a_version_that_vault_no_longer_opens_is_waited_for(vault: VaultKeys, transit: Transit) -> None:
    (wrapped,) = await vault.wrap([Item(b"c-1", b"d" * 32)])
    transit.rotate()
    transit.oldest = 2
    with pytest.raises(KeyUnknown, match="min_decryption_version"):
        await vault.unwrap([Item(b"c-1", wrapped.value)])


async def test_mixed_batches_keep_their_order(vault: VaultKeys) -> None:
    items = [Item(f"c-{number}".encode(), bytes([number]) * 32) for number in range(10)]
    of_file, of_vault = await FileKeys("feedback", MASTERS).wrap(items), await vault.wrap(items)
    mixed = [(of_file if number % 3 else of_vault)[number].value for number in range(10)]
    opened = await vault.unwrap([Item(item.owner, value) for item, value in zip(items, mixed, strict=True)])
    assert opened == [item.value for item in items]


@pytest.mark.parametrize("address", ["http://vault.bank", "http://localhost.evil.com", "ftp://vault", "vault:8200"])
def test_vault_is_asked_over_tls_only(address: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        VaultSettings(address=address, key="rapport", token_file=tmp_path / "token")


STRANGE: list[object] = [
    {},
    {"data": None},
    {"data": {}},
    {"data": {"batch_results": []}},
    {"data": {"batch_results": ["x"]}},
    {"data": {"batch_results": [{}]}},
    {"data": {"batch_results": [{"plaintext": "é", "ciphertext": "é"}]}},
    {"data": {"batch_results": None, "latest_version": "newest"}},
]


@pytest.mark.parametrize("answer", STRANGE, ids=map(str, STRANGE))
async def test_what_answers_otherwise_than_vault_is_named_and_waited_for(tmp_path: Path, answer: object) -> None:
    (tmp_path / "token").write_text(TOKEN)
    settings = VaultSettings(address="https://vault.bank", key="rapport", token_file=tmp_path / "token")
    proxy = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    vault = VaultKeys(settings, FileKeys("feedback", MASTERS), transport=proxy)
    for asked in (vault.newest(), vault.wrap([Item(b"c", b"k" * 32)]), vault.unwrap([Item(b"c", b"vault:v1:eA==")])):
        with pytest.raises(VaultAway, match=r"what answers at https://vault\.bank is no Vault|no ciphertext"):
            await asked
    await vault.close()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_refused_by_name(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "authorities.pem"
    if content is not None:
        file.write_text(content)
    settings = VaultSettings(address="https://vault.bank", key="k", token_file=tmp_path / "token", ca_file=file)
    with pytest.raises(CertificatesInvalid, match=r"authorities\.pem cannot be read"):
        VaultKeys(settings, FileKeys("feedback", MASTERS))
