"""Equal values have equal indexes under one key and field, and no other two do."""

import hashlib
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from rapport.privacy.blind_index import BlindIndex
from rapport.privacy.encryption import MasterKeys, bound

OLD, BOTH = MasterKeys({1: b"a" * 32}), MasterKeys({1: b"a" * 32, 2: b"b" * 32})
FIELDS = ("id_number", "phone")
INDEX = BlindIndex("customer-profile", FIELDS, BOTH)


@given(st.text(), st.text(), st.sampled_from(FIELDS), st.sampled_from(FIELDS))
def test_two_indexes_are_equal_if_value_and_field_are(one: str, other: str, field: str, second: str) -> None:
    assert (INDEX.of(field, one) == INDEX.of(second, other)) == ((field, one) == (second, other))


def test_it_is_an_hmac_under_a_key_of_its_field_behind_the_keys_version() -> None:
    """Reckoned here anew: what lies in a database must be found by any later version of this code."""
    purpose = bound("rapport", "blind-index", "customer-profile", "phone")
    key = HKDF(SHA256(), length=32, salt=None, info=purpose).derive(b"b" * 32)
    assert INDEX.of("phone", "+8613812341234") == b"\x00\x02" + hmac.digest(key, b"+8613812341234", hashlib.sha256)


def test_a_value_is_looked_for_under_every_key_and_kept_under_the_newest() -> None:
    before = BlindIndex("customer-profile", FIELDS, OLD)
    assert before.of("phone", "1") in INDEX.all_of("phone", "1")
    assert INDEX.of("phone", "1") not in before.all_of("phone", "1")
    assert INDEX.of("phone", "1").startswith(INDEX.current)


def test_another_service_and_another_key_find_nothing() -> None:
    for other in (
        BlindIndex("feedback", FIELDS, BOTH),
        BlindIndex("customer-profile", FIELDS, MasterKeys({2: b"c" * 32})),
    ):
        assert not {*other.all_of("phone", "1")} & {*INDEX.all_of("phone", "1")}
