"""One caller cannot take what belongs to all."""

from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from rapport.settings import ApiSettings
from rapport.web.limits import RateLimit
from tests.shared.web.apps import client, make_app
from tests.support.tokens import TestIssuer


async def test_a_caller_beyond_the_burst_is_429_and_another_is_not(issuer: TestIssuer) -> None:
    app: FastAPI = make_app(issuer, settings=ApiSettings(requests_per_second=0.1, burst=3))
    async with client(app) as browser:
        first = [await browser.get("/tallies/1", headers=issuer.bearer("rm", subject="a")) for _ in range(4)]
        other = await browser.get("/tallies/1", headers=issuer.bearer("rm", subject="b"))
        health = await browser.get("/health/live")
    assert [answer.status_code for answer in first] == [200, 200, 200, 429]
    assert 1 <= int(first[3].headers["retry-after"]) <= 10
    assert first[3].headers["content-type"] == "application/problem+json"
    assert (other.status_code, health.status_code) == (200, 200)


async def test_a_refused_caller_uses_up_the_limit_too(issuer: TestIssuer) -> None:
    app = make_app(issuer, settings=ApiSettings(requests_per_second=0.1, burst=2))
    async with client(app, **issuer.bearer("channel")) as browser:
        answers = [(await browser.get("/tallies/1")).status_code for _ in range(3)]
    assert answers == [403, 403, 429]


@given(
    st.lists(st.floats(0, 5, allow_nan=False), max_size=200), st.floats(0.1, 50, allow_nan=False), st.integers(1, 20)
)
def test_never_more_than_burst_and_rate_allow(pauses: list[float], rate: float, burst: int) -> None:
    now = 0.0
    limit = RateLimit(rate, burst, clock=lambda: now)
    allowed = 0
    for pause in pauses:
        now += pause
        allowed += limit.take("a") == 0
    assert allowed <= burst + now * rate + 1e-6


@given(st.floats(0.1, 50, allow_nan=False), st.integers(1, 20))
def test_who_waits_as_told_is_let_in(rate: float, burst: int) -> None:
    now = 0.0
    limit = RateLimit(rate, burst, clock=lambda: now)
    while (wait := limit.take("a")) == 0:
        pass
    now += wait + 1e-6
    assert limit.take("a") == 0
