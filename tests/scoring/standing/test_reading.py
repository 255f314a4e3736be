"""The hottest read goes past SQLAlchemy: what happens to its connections when a server or a caller goes away."""

import asyncio

import httpx
import pytest

from scoring.standing.store.reading import find
from tests.scoring.facts import MONDAY, deliver, transaction
from tests.support.delivering import Delivering

TOPICS = ["transaction-recorded", "holding-changed"]
KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
)


async def test_a_restarted_server_costs_no_answer(service: Delivering, api: httpx.AsyncClient) -> None:
    await deliver(service, transaction(MONDAY))
    paths = ["/standings/c-1"] * 6
    assert {answer.status_code for answer in await asyncio.gather(*map(api.get, paths))} == {200}
    await service.rows(KILL)
    await asyncio.sleep(0.2)
    assert {answer.status_code for answer in await asyncio.gather(*map(api.get, paths))} == {200}


async def test_a_caller_who_leaves_leaves_the_pool_whole(service: Delivering) -> None:
    await deliver(service, transaction(MONDAY))
    engine = service.runtime.engine
    for _ in range(30):
        leaving = [asyncio.create_task(find(engine, "c-1", TOPICS)) for _ in range(4)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
    found = await asyncio.gather(*(find(engine, "c-1", TOPICS) for _ in range(8)))
    assert all(seen is not None and seen.standing.customer_id == "c-1" for seen in found)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_read_that_fails_takes_its_connection_along(service: Delivering) -> None:
    await deliver(service, transaction(MONDAY))
    with pytest.raises(Exception, match="expected str"):
        await find(service.runtime.engine, 7, TOPICS)  # type: ignore[arg-type]
    seen = await find(service.runtime.engine, "c-1", TOPICS)
    assert seen is not None
    assert seen.standing.transactions == 1
