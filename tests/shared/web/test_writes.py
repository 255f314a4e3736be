"""A request sent again has no second effect and gets the first answer; a failed one leaves nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from rapport.web import Body, Principal, require, sweep_idempotency_keys, write
from tests.shared.web.apps import TallyTooHigh, backend, client, make_app
from tests.support.tally import TallyChanged
from tests.support.tokens import TestIssuer

Writer = Annotated[Principal, Depends(require("alerts:write"))]
GREETING = {"customer_id": "c-1", "text": "张三13812341234"}
EFFECTS = text("SELECT count(*) FROM outbox")


class Greeting(Body):
    customer_id: str
    text: str


class Greeted(BaseModel):
    number: int
    text: str


def routes(holds: asyncio.Event) -> APIRouter:
    """Each greeting tells a fact, so that effects can be counted in the outbox."""
    router = APIRouter(prefix="/greetings")

    @router.post("", status_code=201, response_model=Greeted)
    async def greet(body: Greeting, request: Request, principal: Writer) -> Response:
        async def act(tx: Transaction) -> Greeted:
            await holds.wait()
            if body.text == "refuse":
                raise TallyTooHigh("the tally is at its limit")
            number = (await tx.connection.execute(EFFECTS)).scalar_one() + 1
            tx.tell(TallyChanged(customer_id=body.customer_id, count=number, total=number), time=tx.now)
            return Greeted(number=number, text=body.text)

        return await write(
            request,
            principal,
            customers=[body.customer_id],
            act=act,
            location=lambda greeted: f"/greetings/{greeted.number}",
        )

    @router.post("/quiet", status_code=204)
    async def greet_quietly(body: Greeting, request: Request, principal: Writer) -> Response:
        async def act(_: Transaction) -> None:
            return None

        return await write(request, principal, customers=[body.customer_id], act=act, status=204)

    return router


@pytest.fixture
def holds() -> asyncio.Event:
    """Set: acts go on at once. Cleared: they wait inside their transaction."""
    event = asyncio.Event()
    event.set()
    return event


@pytest.fixture
async def browser(engine: AsyncEngine, issuer: TestIssuer, holds: asyncio.Event) -> AsyncIterator[httpx.AsyncClient]:
    app: FastAPI = make_app(issuer, backend=backend(issuer, engine), routers=[routes(holds)])
    async with client(app, **issuer.bearer("rm")) as found:
        yield found


async def _effects(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(EFFECTS)).scalar_one())


async def test_a_repeat_gets_the_first_answer_and_has_no_effect(
    browser: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    key = {"Idempotency-Key": "k-1"}
    answers = [await browser.post("/greetings", json=GREETING, headers=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert [answer.content for answer in answers] == [answers[0].content] * 3
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true", "true"]
    assert {answer.headers["location"] for answer in answers} == {"/greetings/1"}
    assert {answer.headers["content-type"] for answer in answers} == {"application/json"}
    assert await _effects(engine) == 1


async def test_without_a_key_each_request_is_its_own(browser: httpx.AsyncClient, engine: AsyncEngine) -> None:
    for _ in range(2):
        assert (await browser.post("/greetings", json=GREETING)).status_code == 201
    assert await _effects(engine) == 2


async def test_a_fact_told_by_a_request_carries_the_callers_trace(
    browser: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for traceparent in (trace, "13812341234"):
        await browser.post("/greetings", json=GREETING, headers={"traceparent": traceparent})
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT headers FROM outbox ORDER BY outbox_id"))
        assert [dict(headers).get("traceparent") for headers in rows.scalars()] == [trace, None]


async def test_the_same_key_with_other_content_is_422_naming_the_header(browser: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k-1"}
    await browser.post("/greetings", json=GREETING, headers=key)
    other = await browser.post("/greetings", json={**GREETING, "text": "other"}, headers=key)
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_keys_of_other_callers_and_operations_are_other_keys(
    browser: httpx.AsyncClient, engine: AsyncEngine, issuer: TestIssuer
) -> None:
    key = {"Idempotency-Key": "k-1"}
    await browser.post("/greetings", json=GREETING, headers=key)
    foreign = issuer.bearer("rm", subject="somebody else")
    assert (await browser.post("/greetings", json=GREETING, headers={**key, **foreign})).json()["number"] == 2
    quiet = [await browser.post("/greetings/quiet", json=GREETING, headers=key) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in quiet] == [(204, b"")] * 2
    assert quiet[1].headers["idempotency-replayed"] == "true"
    assert await _effects(engine) == 2


@pytest.mark.parametrize("key", ["", " ", "x" * 129, "with space", "schlüssel"])
async def test_a_malformed_key_is_422(key: str, browser: httpx.AsyncClient, engine: AsyncEngine) -> None:
    answer = await browser.post("/greetings", json=GREETING, headers=[(b"idempotency-key", key.encode())])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert await _effects(engine) == 0


async def test_a_twin_that_still_runs_is_409_at_once_and_later_replayed(
    browser: httpx.AsyncClient, engine: AsyncEngine, holds: asyncio.Event
) -> None:
    key = {"Idempotency-Key": "k-1"}
    holds.clear()
    first = asyncio.create_task(browser.post("/greetings", json=GREETING, headers=key))
    await asyncio.sleep(0.3)
    async with asyncio.timeout(1):
        twin = await browser.post("/greetings", json=GREETING, headers=key)
    assert (twin.status_code, twin.headers["retry-after"]) == (409, "1")
    holds.set()
    assert (await first).status_code == 201
    assert (await browser.post("/greetings", json=GREETING, headers=key)).headers["idempotency-replayed"] == "true"
    assert await _effects(engine) == 1


async def test_many_keys_sent_three_times_at_once_have_one_effect_each(
    browser: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    keys = [f"k-{number}" for number in range(60) for _ in range(3)]
    gate = asyncio.Semaphore(10)

    async def send(key: str) -> httpx.Response:
        body = {**GREETING, "customer_id": f"c-{key}"}
        async with gate:
            return await browser.post("/greetings", json=body, headers={"Idempotency-Key": key})

    answers = await asyncio.gather(*(send(key) for key in keys))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert await _effects(engine) == 60
    bodies: dict[str, set[bytes]] = {}
    for key, answer in zip(keys, answers, strict=True):
        if answer.status_code == 201:
            bodies.setdefault(key, set()).add(answer.content)
    assert len(bodies) == 60
    assert all(len(found) == 1 for found in bodies.values())


async def test_a_refused_request_leaves_nothing_and_may_be_sent_again(
    browser: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    key = {"Idempotency-Key": "k-1"}
    refused = await browser.post("/greetings", json={**GREETING, "text": "refuse"}, headers=key)
    assert (refused.status_code, await _effects(engine)) == (409, 0)
    assert (await browser.post("/greetings", json=GREETING, headers=key)).status_code == 201


async def test_two_requests_for_one_customer_wait_for_each_other(
    browser: httpx.AsyncClient, holds: asyncio.Event
) -> None:
    holds.clear()
    both = [asyncio.create_task(browser.post("/greetings", json=GREETING)) for _ in range(2)]
    await asyncio.sleep(0.3)
    holds.set()
    assert sorted([(await answer).json()["number"] for answer in both]) == [1, 2]


async def test_a_kept_answer_is_encrypted_and_forgotten_after_a_day(
    browser: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await browser.post("/greetings", json=GREETING, headers={"Idempotency-Key": "k-1"})
    async with engine.begin() as connection:
        [row] = await connection.execute(text("SELECT answer::text AS answer, created_at FROM idempotency_keys"))
        assert b"13812341234".hex() not in row.answer
        assert await sweep_idempotency_keys(connection, now=utc_now()) == 0
        later = (await connection.execute(text("SELECT now() + interval '25 hours'"))).scalar_one()
        assert await sweep_idempotency_keys(connection, now=later) == 1


async def test_a_key_is_not_kept_as_it_came_and_one_that_was_is_still_found(
    browser: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    headers = {"Idempotency-Key": "110109199003071234"}
    first = await browser.post("/greetings", json=GREETING, headers=headers)
    async with engine.begin() as connection:
        assert "110109" not in str((await connection.execute(text("SELECT * FROM idempotency_keys"))).all())
        await connection.execute(text("UPDATE idempotency_keys SET key = '110109199003071234'"))
    again = await browser.post("/greetings", json=GREETING, headers=headers)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
