"""A list shows each row once, and a cursor is ours or refused."""

from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from rapport.web.pagination import Key, decode_cursor, encode_cursor
from tests.shared.web.apps import client
from tests.support.tokens import TestIssuer

TEXTS = st.text(max_size=30).filter(lambda s: "\x00" not in s)
ZONES = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)
KEYS = st.lists(TEXTS | st.integers(1 - 2**31, 2**31 - 1) | MOMENTS | st.uuids(), max_size=3)


@pytest.mark.parametrize("limit", [1, 3, 9, 10, 200])
async def test_pages_together_hold_every_row_once(limit: int, app: FastAPI, issuer: TestIssuer) -> None:
    seen: list[int] = []
    cursor: str | None = None
    async with client(app, **issuer.bearer("rm")) as browser:
        while True:
            asked = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
            page = (await browser.get("/tallies", params=asked)).json()
            seen += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
    assert seen == list(range(10))


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5"])
async def test_a_limit_out_of_range_is_422(limit: str, app: FastAPI, issuer: TestIssuer) -> None:
    async with client(app, **issuer.bearer("rm")) as browser:
        answer = await browser.get("/tallies", params={"limit": limit})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "limit")


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "é", "A" * 600, "W1tbW1tb"),
        *(encode_cursor("a", 1), encode_cursor(1), encode_cursor(1, "\x00")),
        *(encode_cursor(2**31, "a"), encode_cursor(-(2**31) - 1, "a"), encode_cursor(2**70, "a")),
        urlsafe_b64encode(b'[1,"\\ud800"]').decode(),
    ],
)
async def test_a_cursor_that_is_not_ours_is_422_naming_it(cursor: str, app: FastAPI, issuer: TestIssuer) -> None:
    async with client(app, **issuer.bearer("rm")) as browser:
        answer = await browser.get("/tallies", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


@given(KEYS)
def test_a_cursor_says_what_was_put_in(keys: list[Key]) -> None:
    cursor = encode_cursor(*keys)
    if len(cursor) <= 512:
        assert decode_cursor(cursor, [type(key) for key in keys]) == tuple(keys)


def test_the_number_of_a_row_may_be_as_large_as_its_column_and_no_larger() -> None:
    assert decode_cursor(encode_cursor(2**63 - 1), [int], bits=64) == (2**63 - 1,)
    with pytest.raises(ValueError, match="not a cursor"):
        decode_cursor(encode_cursor(2**63), [int], bits=64)


@pytest.mark.parametrize(
    "moment",
    [
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
        *("2025-03-01T12:00:00", "2025-03-01", "infinity", "", "\x00"),
    ],
)
def test_a_moment_without_a_zone_or_out_of_the_calendar_is_no_key(moment: str) -> None:
    whole = encode_cursor("2025-03-01T12:00:00+08:00", str(UUID(int=7)))
    assert decode_cursor(whole, [datetime, UUID]) == (datetime(2025, 3, 1, 4, tzinfo=UTC), UUID(int=7))
    with pytest.raises(ValueError, match="not a cursor"):
        decode_cursor(encode_cursor(moment, str(UUID(int=7))), [datetime, UUID])


def test_what_has_too_many_keys_or_too_few_is_refused() -> None:
    for keys in ((), (uuid4(),), (datetime.now(UTC), uuid4(), 1), (uuid4(), datetime.now(UTC))):
        with pytest.raises(ValueError, match="not a cursor"):
            decode_cursor(encode_cursor(*keys), [datetime, UUID])


@given(st.text())
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        decode_cursor(text + "!", [str])
    with suppress(ValueError):
        decode_cursor(text, [str])
