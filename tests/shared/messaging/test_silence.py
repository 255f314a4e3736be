"""What falls due by silence alone, what is told again, and what the upkeep keeps."""

import asyncio
from datetime import UTC, datetime, timedelta

from rapport.clock import utc_now
from rapport.ids import derived_id
from rapport.messaging.inbox import keep_partitions
from rapport.messaging.observer import Observer
from rapport.messaging.retelling import EVERY, Retelling, States, version_told
from rapport.messaging.sweeper import Sweeper
from rapport.messaging.transaction import Transaction
from tests.support.delivering import Delivering
from tests.support.tally import NumberSaid, TallyChanged

ALL = range(24)


def said(number: int, customer: str = "c-1") -> NumberSaid:
    return NumberSaid(customer_id=customer, number=number)


def _sweeper(tally: Delivering) -> Sweeper:
    return Sweeper(tally.runtime.transactions, tally.runtime.composition.sweeps, tally.runtime.observer)


async def test_a_due_row_is_fired_once_as_of_the_time_it_fell_due(tally: Delivering) -> None:
    await tally.deliver(tally.feed.record(said(18)), tally.feed.record(said(2, "c-2")))
    due = (await tally.rows("SELECT due_at FROM tallies WHERE customer_id = 'c-1'"))[0].due_at
    sweeper = _sweeper(tally)
    assert await sweeper.sweep(ALL) == 1
    assert await sweeper.sweep(ALL) == 0
    told = await tally.rows("SELECT event_id, headers FROM outbox ORDER BY outbox_id DESC LIMIT 1")
    assert dict(told[0].headers)["ce_time"] == due.isoformat()


async def test_what_another_worker_is_assigned_is_left_alone(tally: Delivering) -> None:
    record = tally.feed.record(said(18))
    await tally.deliver(record)
    assert await _sweeper(tally).sweep(set(ALL) - {record.partition}) == 0


async def test_a_customer_somebody_is_working_on_waits_for_the_next_round(tally: Delivering) -> None:
    await tally.deliver(tally.feed.record(said(18)))
    async with tally.runtime.transactions.begin(customers=["c-1"]):
        await _sweeper(tally).sweep(ALL)
        assert (await tally.rows("SELECT total FROM tallies"))[0].total == 18
    await _sweeper(tally).sweep(ALL)
    assert (await tally.rows("SELECT total FROM tallies"))[0].total == 0


async def test_a_row_that_cannot_be_fired_does_not_keep_the_others(tally: Delivering) -> None:
    names = ["c-1", "c-2", "c-stuck", "c-3"]
    await tally.deliver(*[tally.feed.record(said(18, name)) for name in names])
    sweeper = _sweeper(tally)
    while await sweeper.sweep(ALL):
        pass
    rows = {row.customer_id: row.total for row in await tally.rows("SELECT customer_id, total FROM tallies")}
    assert rows == {"c-1": 0, "c-2": 0, "c-stuck": 18, "c-3": 0}


async def test_writers_of_overlapping_customers_never_wait_for_each_other_in_a_circle(tally: Delivering) -> None:
    async def write(turn: int) -> None:
        customers = [f"n-{(turn * 7 + step * 3) % 11}" for step in range(6)]
        async with tally.runtime.transactions.begin(customers=customers):
            await asyncio.sleep(0.001)

    await asyncio.gather(*(write(turn) for turn in range(60)))


async def test_every_state_is_told_again_once_a_round_and_a_stopped_round_goes_on(tally: Delivering) -> None:
    async def read(_: object, after: str, limit: int) -> list[tuple[TallyChanged, datetime]]:
        names = [f"c-{number:04}" for number in range(1200)]
        page = [name for name in names if name > after][:limit]
        return [(TallyChanged(customer_id=name, count=1, total=1), utc_now()) for name in page]

    now = datetime(2025, 1, 1, tzinfo=UTC)
    states = States("tally", read)
    assert not await Retelling(tally.runtime.transactions, states).tell_page(now), "a first start tells nothing again"
    later = now + EVERY
    assert await Retelling(tally.runtime.transactions, states).tell_page(later)
    while await Retelling(tally.runtime.transactions, states).tell_page(later):
        pass
    rows = await tally.rows("SELECT count(*) AS told, count(DISTINCT key) AS customers FROM outbox")
    assert (rows[0].told, rows[0].customers) == (1200, 1200)
    assert not await Retelling(tally.runtime.transactions, states).tell_page(later)


async def test_a_new_version_has_all_told_at_once_goes_on_where_it_stopped_and_says_how_far_it_is(
    tally: Delivering,
) -> None:
    async def read(_: object, after: str, limit: int) -> list[tuple[TallyChanged, datetime]]:
        names = [f"c-{number:04}" for number in range(1200)]
        page = [name for name in names if name > after][:limit]
        return [(TallyChanged(customer_id=name, count=1, total=1), utc_now()) for name in page]

    class Seen(Observer):
        def __init__(self) -> None:
            self.pages: list[tuple[str, int, bool]] = []

        def retold(self, concept: str, count: int, *, is_done: bool) -> None:
            self.pages.append((concept, count, is_done))

    now, seen, transactions = datetime(2025, 1, 1, tzinfo=UTC), Seen(), tally.runtime.transactions
    assert not await Retelling(transactions, States("tally", read)).tell_page(now)
    first = Retelling(transactions, States("tally", read, 2), seen)
    assert await first.tell_page(now)
    assert await first.tell_page(now)
    assert not await Retelling(transactions, States("tally", read, 1)).tell_page(now), "an older one leaves it"
    assert not await Retelling(transactions, States("tally", read, 2), seen).tell_page(now)
    rows = await tally.rows("SELECT count(*) AS told, count(DISTINCT key) AS customers FROM outbox")
    assert (rows[0].told, rows[0].customers) == (1200, 1200)
    assert seen.pages == [("tally", 500, False), ("tally", 1000, False), ("tally", 200, True)]
    async with tally.runtime.engine.connect() as connection:
        assert await version_told(connection, "tally") == 2
        assert await version_told(connection, "nothing") == 0


async def test_the_inbox_has_a_partition_for_each_day_ahead_and_none_past_its_window(tally: Delivering) -> None:
    today = utc_now()
    names = {row[0] for row in await tally.rows("SELECT relname FROM pg_class WHERE relname ~ '^inbox_[0-9]{8}$'")}
    assert {f"inbox_{today + timedelta(days=ahead):%Y%m%d}" for ahead in range(7)} <= names
    recent = derived_id(today, "recent").hex
    await tally.rows_written(
        f"INSERT INTO inbox (event_id, fingerprint) VALUES ('{recent}', '\\x00')",
        "INSERT INTO inbox (event_id, fingerprint, arrived_at) VALUES "
        f"('{derived_id(datetime(1993, 1, 1, tzinfo=UTC), 'old').hex}', '\\x00', now() - interval '15 days')",
    )
    async with tally.runtime.engine.begin() as connection:
        await keep_partitions(connection, days_ahead=9)
    assert [row[0].hex for row in await tally.rows("SELECT event_id FROM inbox")] == [recent]
    async with tally.runtime.engine.begin() as connection:
        await keep_partitions(connection, keep_days=-3)
    assert await tally.rows("SELECT event_id FROM inbox") == []


async def test_handlers_are_given_the_time_and_a_request_reads_it(tally: Delivering) -> None:
    async with tally.runtime.transactions.begin(customers=["c-1"]) as tx:
        assert isinstance(tx, Transaction) and tx.clock_of("c-1") == tx.now
