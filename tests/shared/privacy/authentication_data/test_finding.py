"""Authentication data is found in every form, and harmless text is left alone: both measured."""

import base64
import csv
import hashlib
import json
import random
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.privacy.authentication_data import Found, find, find_in, find_in_bytes, may_hold
from tests.shared.privacy.authentication_data.samples import samples
from tests.support.data import data_file


def test_all_of_a_thousand_samples_are_found() -> None:
    assert [sample for sample in samples(1000) if find(sample.text) is None] == []


def test_the_kind_is_the_kind_it_is() -> None:
    """But the chip's tag 57 holds track 2, and is called so where it stands as one."""
    wrong = {(sample.kind, find(sample.text)) for sample in samples(1000)} - {("chip-data", "magnetic-track")}
    assert {said for said, found in wrong if said != found} == set()


def test_no_sample_passes_the_look_at_bytes_however_json_writes_it() -> None:
    for sample in samples(1000):
        for ascii_only in (True, False):
            wire = json.dumps({"unit": "B0017", "x": [sample.text]}, ensure_ascii=ascii_only).encode()
            assert may_hold(wire), sample
            assert find_in_bytes(wire) == Found("/x/0", find(sample.text))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "harmless",
    [
        "短信验证码是 482913，请勿告诉他人",
        "动态密码 482913",
        "one-time password is 482913",
        "I forgot my password and it is not working",
        "我忘记密码了，密码错误3次被锁定",
        "密码是6位数字吗",
        "My PIN was rejected twice at the ATM",
        "卡号 6222020200112233445，余额 10250.75",
        "d2c7b0a4-1f26-48a1-9e1b-5f0c2d71aa03",
        "9f260812-3456-4890-abcd-ef1234567890",
        "c_9f2608ce3ef408be0731",
        "2025-03-01T12:00:00.123456+08:00",
        "FFFFFFFF-0000-0000-0000-000000000000",
        "",
    ],
)
def test_what_only_looks_like_it_is_left_alone(harmless: str) -> None:
    assert find(harmless) is None


def test_tokens_and_digests_are_left_alone() -> None:
    """A customer whose token were taken for a secret could never be heard of. Half hold the tag of a cryptogram."""
    rng = random.Random(7)

    def token() -> str:
        raw = rng.randbytes(rng.choice((10, 16, 20, 32)))
        made = (
            raw.hex(),
            str(uuid.UUID(bytes=raw[:16].ljust(16))),
            base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
        )
        return rng.choice(made)

    def tagged() -> str:
        digest = hashlib.sha256(rng.randbytes(8)).hexdigest()
        at = rng.randrange(0, 40)
        return f"{digest[:at]}9f2608{digest[at:]}"[:64]

    assert [text for text in (token() for _ in range(100_000)) if find(text)] == []
    assert sum(find(tagged()) is not None for _ in range(100_000)) < 100


def test_the_place_is_told_and_never_the_value() -> None:
    asked = {"identity": {"address": "my password is hunter2"}}
    assert find_in(asked) == ("/identity/address", "password")
    assert find_in({"tags": ["x", "CVV 123"]}) == ("/tags/1", "card-verification")
    assert find_in({"cvv": 123}) == ("/cvv", "card-verification")
    assert find_in({"card": {"track2": "whatever"}}) == ("/card/track2", "magnetic-track")
    assert find_in({"unit": "B0017", "rating": 5, "text": None, "password": None}) is None


def test_a_name_that_could_be_a_value_is_not_told() -> None:
    for name in ("password is hunter2", "13812341234", "张三", "a/b"):
        assert find_in({name: {"x": "pin: 4711"}}) in {("/?", "password"), ("/?/x", "pin")}


def test_half_a_surrogate_pair_hides_nothing() -> None:
    assert find_in_bytes(b'{"unit": "\\ud800 CVV 123"}') == ("/unit", "card-verification")


def test_a_field_that_is_there_twice_hides_nothing() -> None:
    assert find_in_bytes(b'{"unit": "CVV 123", "unit": "B0017"}') == ("/unit", "card-verification")


def test_what_is_no_json_is_looked_at_as_a_whole() -> None:
    template = b"FMR\x00 20\x00" + bytes(range(128, 200))
    nested = b'{"a":' * 5000 + b'"CVV 123"' + b"}" * 5000
    for value in (b'{"a": "CVV 123"', b"B0017;CVV: 123;x", template, "密码：hunter2".encode("gb18030") + b" CVV 123"):
        found = find_in_bytes(value)
        assert found is not None, value
        assert found.pointer == ""
    assert find_in_bytes(nested) is not None
    assert find_in_bytes(rb'{"a": "\u5bc6\u7801: hunter2"') == ("", "password")
    assert find_in_bytes(b"\xff\xfe{") is None


@given(st.text(), st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3))
def test_any_text_is_looked_at_without_an_error(text: str, fields: dict[str, str]) -> None:
    find_in({"text": text, **fields})
    find_in_bytes(text.encode("utf-8", "surrogatepass"))
    find_in_bytes(json.dumps(fields).encode())


@pytest.mark.parametrize(
    "hostile",
    [
        *("password" * 20_000, "pin " * 50_000, "9f26" * 40_000, "密码是 " * 50_000, "1 " * 100_000, "57" * 90_000),
        "5a06411111111112" * 10_000,
    ],
)
def test_a_text_made_to_be_slow_is_not(hostile: str) -> None:
    from time import perf_counter

    began = perf_counter()
    find(hostile)
    assert perf_counter() - began < 5


@pytest.mark.parametrize(
    ("file", "column", "most"),
    [
        ("banking77_train.csv", "text", 0.001),
        ("hotel_reviews_zh.csv", "review", 0.001),
        ("delivery_reviews_zh.csv", "review", 0.001),
    ],
)
def test_false_alarms_on_real_texts_are_rare(file: str, column: str, most: float) -> None:
    with data_file(f"feedback/{file}").open(encoding="utf-8", newline="") as lines:
        texts = [row[column] for row in csv.DictReader(lines)]
    assert len(texts) > 5000
    assert sum(find(text) is not None for text in texts) / len(texts) <= most
