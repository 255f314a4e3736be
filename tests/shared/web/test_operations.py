"""An operator sees that every record is accounted for, and what died; never what was in it."""

from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from rapport.clock import utc_now
from rapport.messaging import dead_letters
from rapport.messaging.dead_letters import DeadLetter
from rapport.messaging.offsets import Counts, Stretch, advance, begin_at
from rapport.messaging.records import RawRecord, TopicPartition
from rapport.telemetry.metrics import Figures, Metrics
from rapport.telemetry.scrape import Scrape
from rapport.web.app import create_operations_app
from tests.shared.web.apps import NOWHERE, backend, client, make_app
from tests.support.tokens import TestIssuer

TOPIC = "transaction-recorded"
SECRET = b"13812341234"


@pytest.fixture
async def browser(engine: AsyncEngine, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(issuer, backend=backend(issuer, engine))
    async with client(app, **issuer.bearer("operator")) as found:
        yield found


async def _handle(engine: AsyncEngine, **counts: int) -> None:
    tp = TopicPartition(TOPIC, 3)
    async with engine.begin() as connection:
        await begin_at(connection, {tp: 100})
        await advance(connection, {tp: Stretch(100, 107, 120)}, {tp: Counts(**counts)})


async def _bury(engine: AsyncEngine, number: int) -> None:
    letters = [
        (DeadLetter(RawRecord(TOPIC, 3, offset, 0, b"c-1", SECRET, []), "amount: missing", "tally:decode"), SECRET)
        for offset in range(number)
    ]
    async with engine.begin() as connection:
        await dead_letters.keep(connection, letters, utc_now())


async def test_the_accounting_shows_each_partition_and_whether_it_balances(
    browser: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await _handle(engine, received=7, applied=4, duplicate=1, skipped=1, dead_lettered=1)
    answer = (await browser.get("/accounting")).json()
    assert answer["balances"] is True
    [account] = answer["partitions"]
    assert (account["topic"], account["partition"], account["next_offset"], account["lag"]) == (TOPIC, 3, 107, 13)
    assert [account[name] for name in ("received", "applied", "duplicate", "skipped", "dead_lettered", "parked")] == [
        7, 4, 1, 1, 1, 0,
    ]  # fmt: skip


async def test_an_imbalance_shows(browser: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await _handle(engine, received=7, applied=4)
    assert (await browser.get("/accounting")).json()["balances"] is False


async def test_dead_letters_are_listed_by_pages_without_their_content(
    browser: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await _bury(engine, 5)
    seen, cursor = [], None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = await browser.get("/dead-letters", params=params)
        assert SECRET.decode() not in page.text
        seen += page.json()["items"]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert sorted(letter["offset"] for letter in seen) == [0, 1, 2, 3, 4]
    assert {letter["reason"] for letter in seen} == {"amount: missing"}
    assert {letter["handler"] for letter in seen} == {"tally:decode"}


async def test_a_replay_is_asked_for_once_and_shows(browser: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await _bury(engine, 1)
    [letter] = (await browser.get("/dead-letters")).json()["items"]
    assert letter["replay_requested_at"] is None
    answer = await browser.post(f"/dead-letters/{letter['dead_letter_id']}/replay", headers={"Idempotency-Key": "r-1"})
    assert (answer.status_code, answer.json()) == (202, {"dead_letter_id": letter["dead_letter_id"]})
    [letter] = (await browser.get("/dead-letters")).json()["items"]
    assert letter["replay_requested_at"] is not None


async def test_what_is_not_there_and_who_may_not(browser: httpx.AsyncClient, issuer: TestIssuer) -> None:
    unknown = "/dead-letters/0195d2f0-3c00-7000-8000-000000000001/replay"
    assert (await browser.post(unknown)).status_code == 404
    assert (await browser.post("/dead-letters/x/replay")).status_code == 422
    assert (await browser.get("/dead-letters", params={"cursor": "WyJ4Il0"})).status_code == 422
    auditor, clerk = issuer.bearer("auditor"), issuer.bearer("rm")
    assert (await browser.get("/accounting", headers=auditor)).status_code == 200
    assert (await browser.post(unknown, headers=auditor)).status_code == 403
    assert (await browser.get("/dead-letters", headers=clerk)).status_code == 403


async def test_a_scrape_tells_what_lies_in_the_database(engine: AsyncEngine) -> None:
    await _handle(engine, received=7, applied=4)
    await _bury(engine, 5)
    app = create_operations_app(engine=engine, metrics=Metrics("tally"))
    async with client(app) as browser:
        answer = await browser.get("/metrics")
        assert (await browser.get("/health/ready")).status_code == 200
    samples = {s.name: s.value for family in text_string_to_metric_families(answer.text) for s in family.samples}
    assert samples["rapport_lag_events"] == 13
    assert samples["rapport_unbalanced_partitions"] == 1
    assert samples["rapport_dead_letters"] == 5
    assert samples["rapport_outbox_events"] == 0
    assert samples["rapport_database_up"] == 1


async def _letters_by_topic(connection: AsyncConnection) -> Mapping[tuple[str, ...], float]:
    found = await connection.execute(text("SELECT topic, count(*) FROM dead_letters GROUP BY topic"))
    return {(topic,): count for topic, count in found}


async def test_a_scrape_tells_a_services_own_figures_and_forgets_what_is_no_longer_told(engine: AsyncEngine) -> None:
    await _bury(engine, 2)
    figures = [Figures("tally_letters", "Letters of a topic", ("topic",), _letters_by_topic)]
    metrics = Metrics("tally")
    scrape = Scrape(engine, metrics, figures)
    assert f'tally_letters{{service="tally",topic="{TOPIC}"}} 2.0' in (await scrape.render()).decode()
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM dead_letters"))
    scrape._looked_at = float("-inf")  # as if five seconds were over
    assert "tally_letters{" not in (await scrape.render()).decode()


async def test_a_scrape_without_a_database_says_so() -> None:
    app = create_operations_app(engine=create_async_engine(NOWHERE), metrics=Metrics("tally"))
    async with client(app) as browser:
        answer = await browser.get("/metrics")
        ready = await browser.get("/health/ready")
    assert 'rapport_database_up{service="tally"} 0.0' in answer.text
    assert (ready.status_code, ready.json()["errors"][0]["check"]) == (503, "database")
