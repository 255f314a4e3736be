"""A value opens in its place only, under its key only, and unaltered only."""

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.privacy.ciphers import Aead, Algorithm, new_key
from rapport.privacy.encryption import (
    CannotDecrypt,
    KeyFileInvalid,
    MasterKeys,
    ServiceCipher,
    bound,
    seal,
    unseal,
    version_of,
)
from rapport.privacy.keyring import CustomerKey

KEY = new_key()
CUSTOMER = CustomerKey("customer-profile", "cust-1", {1: KEY})
NAMES = st.text(max_size=12)


@given(st.text(), NAMES, NAMES, NAMES)
def test_a_value_opens_in_its_place(value: str, table: str, column: str, row: str) -> None:
    sealed = CUSTOMER.encrypt(table, column, value, row=row)
    assert CUSTOMER.decrypt(table, column, sealed, row=row) == value
    assert value.encode() not in sealed or len(value.encode()) < 4


@given(st.tuples(NAMES, NAMES, NAMES, NAMES, NAMES), st.tuples(NAMES, NAMES, NAMES, NAMES, NAMES))
def test_a_value_opens_nowhere_else(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    sealed = CustomerKey(one[0], one[1], {1: KEY}).encrypt(one[2], one[3], "张三", row=one[4])
    elsewhere = CustomerKey(other[0], other[1], {1: KEY})
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
        CustomerKey("customer-profile", "cust-1", {1: new_key()}).decrypt("customers", "name", sealed)


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert len({CUSTOMER.encrypt("customers", "name", "张三") for _ in range(100)}) == 100


def test_parts_are_bound_with_their_lengths() -> None:
    assert bound("a", "bc") != bound("ab", "c")


@given(st.sampled_from(Algorithm), st.sampled_from(Algorithm), st.binary(), st.binary())
def test_either_algorithm_opens_what_the_other_sealed_and_nothing_that_was_turned_into_the_other(
    one: Algorithm, other: Algorithm, plain: bytes, place: bytes
) -> None:
    sealed = seal(Aead(KEY, one), 7, plain, place)
    assert (sealed[0], version_of(sealed)) == (one, 7)
    assert unseal(Aead(KEY, other), sealed, place) == plain
    for forged in (bytes([3 - one]) + sealed[1:], sealed[:-1] + bytes([sealed[-1] ^ 1]), bytes([3]) + sealed[1:]):
        with pytest.raises(CannotDecrypt):
            unseal(Aead(KEY, other), forged, place)
    with pytest.raises(CannotDecrypt):
        unseal(Aead(KEY, other), sealed, place + b"x")


def test_sm4_gcm_is_that_of_rfc_8998() -> None:
    """Its example in A.1, of which the key is given and not derived."""

    class Given(Aead):
        __slots__ = ()

        def _sm4_key(self) -> bytes:
            return bytes.fromhex("0123456789abcdeffedcba9876543210")

    plain = b"".join(bytes([digit * 17]) * 8 for digit in (10, 11, 12, 13, 14, 15, 14, 10))
    associated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = Given(KEY, Algorithm.SM4_GCM).encrypt(bytes.fromhex("00001234567800000000abcd"), plain, associated)
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )


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
