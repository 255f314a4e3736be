"""A value opens in its place only, under its key only, and unaltered only."""

import base64
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from rapport.privacy.encryption import CannotDecrypt, KeyFileInvalid, MasterKeys, ServiceCipher, bound
from rapport.privacy.keyring import CustomerKey

KEY = AESGCM.generate_key(256)
CUSTOMER = CustomerKey("customer-profile", "cust-1", KEY)
NAMES = st.text(max_size=12)


@given(st.text(), NAMES, NAMES, NAMES)
def test_a_value_opens_in_its_place(value: str, table: str, column: str, row: str) -> None:
    sealed = CUSTOMER.encrypt(table, column, value, row=row)
    assert CUSTOMER.decrypt(table, column, sealed, row=row) == value
    assert value.encode() not in sealed or len(value.encode()) < 4


@given(st.tuples(NAMES, NAMES, NAMES, NAMES, NAMES), st.tuples(NAMES, NAMES, NAMES, NAMES, NAMES))
def test_a_value_opens_nowhere_else(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    sealed = CustomerKey(one[0], one[1], KEY).encrypt(one[2], one[3], "张三", row=one[4])
    elsewhere = CustomerKey(other[0], other[1], KEY)
    if one == other:
        assert elsewhere.decrypt(other[2], other[3], sealed, row=other[4]) == "张三"
    else:
        with pytest.raises(CannotDecrypt):
            elsewhere.decrypt(other[2], other[3], sealed, row=other[4])


@given(st.data())
def test_an_altered_value_opens_nowhere(data: st.DataObject) -> None:
    sealed = CUSTOMER.encrypt("customers", "name", "张三")
    position = data.draw(st.integers(0, len(sealed) - 1))
    flipped = data.draw(st.integers(1, 255))
    altered = sealed[:position] + bytes([sealed[position] ^ flipped]) + sealed[position + 1 :]
    shortened = sealed[: data.draw(st.integers(0, len(sealed) - 1))]
    for forged in (altered, shortened, sealed + b"x", data.draw(st.binary())):
        with pytest.raises(CannotDecrypt):
            CUSTOMER.decrypt("customers", "name", forged)


def test_another_customers_key_does_not_open_it() -> None:
    sealed = CUSTOMER.encrypt("customers", "name", "张三")
    with pytest.raises(CannotDecrypt):
        CustomerKey("customer-profile", "cust-1", AESGCM.generate_key(256)).decrypt("customers", "name", sealed)


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert len({CUSTOMER.encrypt("customers", "name", "张三") for _ in range(100)}) == 100


def test_parts_are_bound_with_their_lengths() -> None:
    assert bound("a", "bc") != bound("ab", "c")


@given(st.binary(), NAMES, NAMES)
def test_a_service_cipher_opens_its_own_and_no_other_services(value: bytes, place: str, other: str) -> None:
    masters = MasterKeys({1: b"k" * 32})
    cipher = ServiceCipher("feedback", masters)
    sealed = cipher.seal(value, place)
    assert cipher.unseal(sealed, place) == value
    with pytest.raises(CannotDecrypt):
        ServiceCipher("scoring", masters).unseal(sealed, place)
    if place != other:
        with pytest.raises(CannotDecrypt):
            cipher.unseal(sealed, other)


def test_a_new_master_key_seals_what_is_new_and_the_old_one_still_opens_what_is_old() -> None:
    old = ServiceCipher("feedback", MasterKeys({1: b"a" * 32}))
    both = ServiceCipher("feedback", MasterKeys({1: b"a" * 32, 2: b"b" * 32}))
    new = ServiceCipher("feedback", MasterKeys({2: b"b" * 32}))
    assert both.unseal(old.seal(b"x", "p"), "p") == b"x"
    assert new.unseal(both.seal(b"x", "p"), "p") == b"x"
    for cipher, sealed in ((new, old.seal(b"x", "p")), (old, new.seal(b"x", "p"))):
        with pytest.raises(CannotDecrypt):
            cipher.unseal(sealed, "p")


def test_keys_are_read_from_a_file_with_versions(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    first, second = os.urandom(32), os.urandom(32)
    lines = [f"1:{base64.b64encode(first).decode()}", "# rotated", "", f"2:{base64.b64encode(second).decode()}"]
    path.write_text("\n".join(lines))
    masters = MasterKeys.read(path)
    assert (masters.keys, masters.current) == ({1: first, 2: second}, 2)
    assert base64.b64encode(first).decode() not in repr(masters)
    assert repr(first) not in repr(masters)


SHORT = base64.b64encode(b"k" * 16).decode()
WHOLE = base64.b64encode(b"k" * 32).decode()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "# nothing",
        SHORT,
        f"1:{SHORT}",
        WHOLE,
        f"0:{WHOLE}",
        f"x:{WHOLE}",
        f"70000:{WHOLE}",
        f"1:{WHOLE}!",
        "1:密钥",
    ],
)
def test_a_key_file_that_is_wrong_is_named_without_its_content(content: str, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(content)
    with pytest.raises(KeyFileInvalid) as refused:
        MasterKeys.read(path)
    assert str(path) in str(refused.value)
    assert not content or content not in str(refused.value)


def test_a_repeated_version_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"1:{WHOLE}\n1:{WHOLE}\n")
    with pytest.raises(KeyFileInvalid, match="repeats"):
        MasterKeys.read(path)
    with pytest.raises(KeyFileInvalid, match="cannot be read"):
        MasterKeys.read(tmp_path / "none")
