"""An account that comes before its customer waits, is counted as waiting, and is there as soon as the customer is."""

import asyncio
import json
import random

from httpx import AsyncClient
from sqlalchemy import text

from rapport.messaging.locks import lock_customers
from tests.customer_profile.facts import HOUR, MONDAY, BankFact, account, accounts, customer, files, record, told
from tests.support.delivering import Delivering


async def test_an_account_before_its_customer_is_parked_and_changes_nothing(service: Delivering) -> None:
    await service.deliver(record(service, account()))
    assert await service.counts() == _counts(received=1, parked=1)
    assert (await accounts(service), await files(service), await told(service)) == ({}, {}, [])
    (row,) = await service.rows("SELECT * FROM parked")
    assert (row.waiting_for, row.topic) == ("c-1", "account-changed")


async def test_the_customer_wakes_its_accounts_and_nobody_elses(service: Delivering) -> None:
    await service.deliver(*[record(service, account(i, f"a-{i}")) for i in ("c-1", "c-2")])
    await service.deliver(record(service, customer("c-1")))
    assert await service.counts() == _counts(received=3, applied=2, parked=1)
    assert set(await accounts(service)) == {"a-c-1"}
    assert (await files(service))["c-1"].open_accounts == 1
    assert [(fact["customer_class"], fact["revision"]) for fact in await told(service)] == [
        ("potential", 1),
        ("ordinary", 2),
    ]


async def test_an_account_and_its_customer_in_one_poll_need_no_parking(service: Delivering) -> None:
    await service.deliver(record(service, account()), record(service, customer()))
    assert await service.counts() == _counts(received=2, applied=2)
    assert (await files(service))["c-1"].open_accounts == 1


async def test_of_several_waiting_words_about_an_account_the_latest_counts(service: Delivering) -> None:
    words = [account(status="closed", as_of=MONDAY + 2 * HOUR), account(), account(as_of=MONDAY + HOUR, balance="7.00")]
    await service.deliver(*[record(service, word) for word in words[:2]])
    await service.deliver(record(service, words[2]), record(service, customer()))
    assert await service.counts() == _counts(received=4, applied=4)
    kept = (await accounts(service))["a-1"]
    assert (kept.status, kept.as_of) == ("closed", MONDAY + 2 * HOUR)
    assert (await files(service))["c-1"].open_accounts == 0


async def test_a_duplicate_of_a_parked_event_is_a_duplicate_before_and_after_waking(service: Delivering) -> None:
    await service.deliver(record(service, account(), identifier="a"), record(service, account(), identifier="a"))
    await service.deliver(record(service, account(), identifier="a"))
    assert await service.counts() == _counts(received=3, parked=1, duplicate=2)
    await service.deliver(record(service, customer()), record(service, account(), identifier="a"))
    assert await service.counts() == _counts(received=5, applied=2, duplicate=3)


async def test_a_failing_poll_leaves_parked_events_parked(service: Delivering) -> None:
    await service.deliver(record(service, account()))
    poisoned = record(service, customer("c-9"), headers={"ce_time": "not a time"})
    await service.deliver(poisoned, record(service, customer("c-1")))
    assert await service.counts() == _counts(received=3, applied=2, dead_lettered=1)


async def test_a_customer_recorded_over_rest_wakes_its_accounts_and_the_accounting_holds(
    service: Delivering, api: AsyncClient
) -> None:
    await service.deliver(record(service, account()), record(service, account(account_id="a-2", status="closed")))
    new = {"customer_id": "c-1", "unit": "B0017", "customer_since": "2021-04-12"}
    answer = await api.post("/customers", json=new)
    assert (answer.status_code, answer.json()["open_accounts"]) == (201, 1)
    assert await service.counts() == _counts(received=2, applied=2)
    assert set(await accounts(service)) == {"a-1", "a-2"}
    assert [fact["customer_class"] for fact in await told(service)] == ["potential", "ordinary"]


async def test_a_deadlock_with_a_poll_is_nothing_that_a_caller_hears_of(service: Delivering, api: AsyncClient) -> None:
    await service.deliver(record(service, account()), record(service, customer("c-2")))
    new = {"customer_id": "c-1", "unit": "B0017", "customer_since": "2021-04-12"}
    async with service.runtime.engine.begin() as poll:
        # As a poll does: first the positions, then the customers. The request has its customer and wants the position.
        await poll.execute(text("SELECT 1 FROM consumer_offsets WHERE topic LIKE '%account-changed' FOR UPDATE"))
        answering = asyncio.create_task(api.post("/customers", json=new))
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not answering.done() and not (await poll.execute(waits)).scalar_one():
            await asyncio.sleep(0.02)
        await lock_customers(poll, ["c-1"], partitions=24)
    answer = await answering
    assert (answer.status_code, answer.json()["open_accounts"]) == (201, 1)
    assert await service.counts() == _counts(received=2, applied=2)


async def test_the_cause_of_what_a_woken_account_changes_is_the_account(service: Delivering) -> None:
    traced = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    await service.deliver(record(service, account(), headers=traced))
    await service.deliver(record(service, customer()))
    rows = await service.rows("SELECT headers FROM outbox ORDER BY outbox_id")
    traces = [dict(row.headers).get("traceparent") for row in rows]
    assert traces == [None, traced["traceparent"]]


async def test_any_order_of_a_mix_ends_in_the_same_files_and_accounts(service: Delivering) -> None:
    """Each customer gets one history under another name: in another order, with duplicates, in polls of any size."""
    chance, ends = random.Random(7), []
    for number in range(12):
        name = f"c-{number}"
        history: list[BankFact] = [customer(name, unit=f"B{n}", recorded_at=MONDAY + n * HOUR) for n in range(3)]
        history += [
            account(name, f"a-{a}", status=status, balance=f"{n}.50", as_of=MONDAY + n * HOUR)
            for a in range(3)
            for n, status in enumerate(("open", "frozen", "closed" if a == 2 else "open"))
        ]
        facts = [(f"{name}:{n}", event) for n, event in enumerate(history)]
        facts += chance.sample(facts, 4)
        if number:
            chance.shuffle(facts)
        while facts:
            size = chance.randint(1, 6)
            poll, facts = facts[:size], facts[size:]
            await service.deliver(*[record(service, event, identifier=identifier) for identifier, event in poll])
        ends.append(await _end_of(service, name))
    counts = await service.counts()
    assert counts == _counts(received=12 * 16, applied=12 * 12, duplicate=12 * 4)
    assert ends == [ends[0]] * 12
    assert json.loads(ends[0])["open_accounts"] == 2


async def _end_of(service: Delivering, name: str) -> str:
    columns = "type, customer_class, status, unit, age_band, open_accounts, recorded_at, corrected"
    kept = "account_id, type, status, balance_minor, currency, as_of"
    (row,) = await service.rows(
        "SELECT (to_jsonb(p) || jsonb_build_object('accounts', (SELECT jsonb_agg(to_jsonb(a) ORDER BY account_id) FROM "
        f"(SELECT {kept} FROM accounts WHERE customer_id = :name) a)))::text AS whole "
        f"FROM (SELECT {columns} FROM profiles WHERE customer_id = :name) p",
        name=name,
    )
    return str(row.whole)


def _counts(**given: int) -> dict[str, int]:
    names = ("received", "applied", "duplicate", "skipped", "dead_lettered", "parked")
    return {name: given.get(name, 0) for name in names}
