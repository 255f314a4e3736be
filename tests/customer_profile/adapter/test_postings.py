"""Raw postings become the contract's facts once each, whatever order and repeats they come in."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from rapport.events.bank import TransactionRecorded
from rapport.messaging.dead_letters import request_replay
from tests.customer_profile.adapter.cores import (
    LEGACY,
    MORNING,
    Booking,
    RawFeed,
    account_told,
    history,
    legacy_line,
    tokens,
    told_of,
)
from tests.support.delivering import Delivering

ACCOUNTS = ["6222020000000001", "6222020000000002", "6222020000000003"]
CORES = ("legacy", "fineract")


async def told(service: Delivering) -> list[TransactionRecorded]:
    """What waits to be published, in its order."""
    rows = await service.rows("SELECT key, value FROM outbox WHERE topic = 'transaction-recorded' ORDER BY outbox_id")
    facts = [TransactionRecorded.model_validate_json(row.value) for row in rows]
    assert all(row.key.decode() == fact.customer_id for row, fact in zip(rows, facts, strict=True))
    return facts


def comparable(fact: TransactionRecorded) -> str:
    return json.dumps(fact.model_dump(mode="json"), sort_keys=True)


def account(service: Delivering, core: str, number: str, customer_id: str) -> Any:
    event = account_told(core, number, customer_id)
    return service.feed.record(event, time=event.as_of)


@pytest.mark.parametrize("core", CORES)
async def test_what_a_core_records_is_told_as_a_core_tells_it_that_speaks_the_contract(
    service: Delivering, core: str
) -> None:
    bookings, feed = history(core, ACCOUNTS), RawFeed()
    await service.deliver(*[account(service, core, number, f"c-{number[-1]}") for number in ACCOUNTS])
    await service.deliver(*[feed.booking(core, booking) for booking in bookings])
    expected = [told_of(core, booking, f"c-{booking.account[-1]}") for booking in bookings]
    assert any(fact.reverses for fact in expected)
    assert sorted(map(comparable, await told(service))) == sorted(map(comparable, expected))
    counts = await service.counts()
    assert (counts["applied"], counts["dead_lettered"]) == (len(bookings), 0)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("seed", range(4))
async def test_shuffled_repeated_and_before_their_accounts_they_are_the_same_once_each(
    service: Delivering, core: str, seed: int
) -> None:
    chance, feed = Random(seed), RawFeed()
    bookings = history(core, ACCOUNTS, days=6)
    stream: list[Any] = [*bookings, *chance.sample(bookings, 10)]
    chance.shuffle(stream)
    for number in ACCOUNTS:
        stream.insert(chance.randrange(len(stream) // 2, len(stream)), number)
    while stream:
        poll, stream = stream[: (size := chance.randint(1, 9))], stream[size:]
        await service.deliver(
            *[
                feed.booking(core, one) if isinstance(one, Booking) else account(service, core, one, f"c-{one[-1]}")
                for one in poll
            ]
        )
    expected = [told_of(core, booking, f"c-{booking.account[-1]}") for booking in bookings]
    found = await told(service)
    assert sorted(map(comparable, found)) == sorted(map(comparable, expected))
    numbers = [fact.transaction_no for fact in found]
    for fact in found:
        if fact.reverses:
            assert numbers.index(fact.reverses.transaction_no) < numbers.index(fact.transaction_no)
    counts = await service.counts()
    # The three accounts wait for their customers, whom nobody has recorded; nothing else waits.
    assert counts == counts | {"duplicate": 10, "dead_lettered": 0, "parked": 3, "applied": len(bookings)}


async def test_orphans_are_released_in_the_order_of_their_time_when_their_account_comes(service: Delivering) -> None:
    bookings, feed = history("legacy", ACCOUNTS[:1]), RawFeed()
    disordered = Random(3).sample(bookings, len(bookings))
    await service.deliver(*[feed.booking("legacy", booking) for booking in disordered])
    assert await told(service) == []
    assert (await service.counts())["parked"] == len(bookings)
    await service.deliver(account(service, "legacy", ACCOUNTS[0], "c-1"))
    times = [(fact.occurred_at, fact.transaction_no) for fact in await told(service)]
    assert times == sorted(times) and len(times) == len(bookings)
    assert (await service.counts())["parked"] == 1, "the account alone, whose customer nobody has recorded"


async def test_a_number_told_again_with_other_content_is_a_dead_letter_also_after_the_inbox_forgot(
    service: Delivering,
) -> None:
    feed, one = RawFeed(), Booking("1", ACCOUNTS[0], -1250, "02", MORNING, "ATM")
    await service.deliver(account(service, "legacy", ACCOUNTS[0], "c-1"), feed.booking("legacy", one))
    await service.rows_written("DELETE FROM inbox")
    other = replace(one, minor=-9999, at=MORNING + timedelta(hours=1))
    await service.deliver(feed.booking("legacy", one), feed.booking("legacy", other), feed.booking("legacy", other))
    assert len(await told(service)) == 1
    counts = await service.counts()
    assert (counts["duplicate"], counts["dead_lettered"]) == (2, 1), "told twice in one poll, the other one is a repeat"
    (letter,) = await service.rows("SELECT reason, is_encrypted FROM dead_letters")
    assert letter.is_encrypted and letter.reason == "transaction_no: seen-before-with-other-content"


async def test_what_waits_and_is_told_again_after_the_inbox_forgot_waits_once(service: Delivering) -> None:
    feed, one = RawFeed(), Booking("1", ACCOUNTS[0], -1250, "02", MORNING, "ATM")
    await service.deliver(feed.booking("legacy", one))
    await service.rows_written("DELETE FROM inbox")
    await service.deliver(feed.booking("legacy", one))
    counts = await service.counts()
    assert (counts["parked"], counts["duplicate"], counts["dead_lettered"]) == (1, 1, 0)
    await service.deliver(account(service, "legacy", ACCOUNTS[0], "c-1"))
    assert len(await told(service)) == 1


async def test_a_dead_letter_replayed_is_judged_again_and_one_that_was_right_since_is_told(service: Delivering) -> None:
    feed, one = RawFeed(), Booking("1", ACCOUNTS[0], -1250, "02", MORNING, "ATM")
    await service.deliver(account(service, "legacy", ACCOUNTS[0], "c-1"))
    await service.deliver(feed.booking("legacy", one), feed.booking("legacy", replace(one, minor=-9999)))
    assert (await service.counts())["dead_lettered"] == 1
    async with service.runtime.engine.begin() as connection:
        await request_replay(connection)
    assert await service.replay.next()
    assert (await service.counts())["dead_lettered"] == 1 and len(await told(service)) == 1
    await service.rows_written("DELETE FROM core_postings", "DELETE FROM inbox")
    async with service.runtime.engine.begin() as connection:
        await request_replay(connection)
    assert await service.replay.next()
    counts = await service.counts()
    assert (counts["dead_lettered"], counts["applied"]) == (0, 2)


async def test_a_reversal_that_does_not_fit_its_original_is_refused_whenever_it_comes(service: Delivering) -> None:
    feed, one = RawFeed(), Booking("1", ACCOUNTS[0], -1250, "02", MORNING, "ATM")
    wrong = replace(one, number="2", minor=1300, original=one)
    await service.deliver(feed.booking("legacy", wrong))
    await service.deliver(account(service, "legacy", ACCOUNTS[0], "c-1"))
    assert (await service.counts())["parked"] == 2
    await service.deliver(feed.booking("legacy", one), feed.booking("legacy", replace(wrong, number="3")))
    counts = await service.counts()
    assert (counts["dead_lettered"], counts["applied"], counts["parked"]) == (2, 1, 1)
    reasons = [row.reason for row in await service.rows("SELECT reason FROM dead_letters")]
    assert reasons == ["amount: not-the-originals"] * 2


async def test_what_was_taken_back_is_not_taken_back_once_more(service: Delivering) -> None:
    feed, one = RawFeed(), Booking("1", ACCOUNTS[0], -1250, "02", MORNING, "ATM")
    first, second, third = (replace(one, number=number, minor=1250, original=one) for number in "234")
    await service.deliver(account(service, "legacy", ACCOUNTS[0], "c-1"))
    await service.deliver(*[feed.booking("legacy", booking) for booking in (first, one, second)])
    await service.deliver(feed.booking("legacy", third))
    assert [fact.transaction_no for fact in await told(service)] == ["1", "2"]
    reasons = [row.reason for row in await service.rows("SELECT reason FROM dead_letters")]
    assert reasons == ["reversal.of: taken-back-before"] * 2


async def test_a_reversal_is_of_the_kind_of_its_original_whatever_the_core_calls_it(service: Delivering) -> None:
    feed, one = RawFeed(), Booking("1", ACCOUNTS[0], -1250, "02", MORNING, "ATM")
    await service.deliver(account(service, "legacy", ACCOUNTS[0], "c-1"), feed.booking("legacy", one))
    await service.deliver(feed.booking("legacy", replace(one, number="2", minor=1250, kind="90", original=one)))
    assert [fact.kind for fact in await told(service)] == ["withdrawal", "withdrawal"]


async def test_of_a_joint_account_the_first_holder_has_the_postings_in_any_order(adapting: Any) -> None:
    for order in ((0, 1), (1, 0)):
        service, feed = await adapting(), RawFeed()
        holders = [
            account_told("legacy", ACCOUNTS[0], "c-2", MORNING),
            account_told("legacy", ACCOUNTS[0], "c-1", MORNING + timedelta(days=1)),
        ]
        await service.deliver(*[service.feed.record(holders[n], time=holders[n].as_of) for n in order])
        await service.deliver(feed.booking("legacy", Booking("1", ACCOUNTS[0], -1250, "02", MORNING, "ATM")))
        assert [fact.customer_id for fact in await told(service)] == ["c-2"]


async def test_what_is_no_posting_is_a_dead_letter_with_every_fault_and_counted_by_kind(service: Delivering) -> None:
    feed, good = RawFeed(), Booking("1", ACCOUNTS[0], -1250, "02", MORNING, "ATM")
    line = legacy_line(good).split(b";")
    broken = [
        b";".join([*line[:5], b"12x", b"", *line[7:]]),
        b";".join(line[:-1]),
        b"\xff\xfe",
        b";".join([*line[:7], b"77", *line[8:]]),
        b";".join([*line[:6], b"EURO", *line[7:]]),
    ]
    await service.deliver(account(service, "legacy", ACCOUNTS[0], "c-1"))
    await service.deliver(*[feed.record(LEGACY, ACCOUNTS[0], value) for value in broken], feed.booking("legacy", good))
    assert len(await told(service)) == 1, "the good one is not held up"
    reasons = [row.reason for row in await service.rows('SELECT reason FROM dead_letters ORDER BY "offset"')]
    assert reasons == [
        "amount: malformed; currency: missing; direction: malformed",
        "record: other-number-of-columns",
        "record: unreadable",
        "kind: unknown-code",
        "currency: not-of-the-contract",
    ]
    counted = await service.rows("SELECT field, fault, sum(records) AS n FROM core_faults GROUP BY 1, 2")
    assert {(row.field, row.fault): int(row.n) for row in counted} == {
        ("amount", "malformed"): 1,
        ("currency", "missing"): 1,
        ("direction", "malformed"): 1,
        ("record", "other-number-of-columns"): 1,
        ("record", "unreadable"): 1,
        ("kind", "unknown-code"): 1,
        ("currency", "not-of-the-contract"): 1,
    }


async def test_no_number_of_an_account_is_in_any_table_nor_in_what_is_told(service: Delivering) -> None:
    feed, marked = RawFeed(), "6222029998887776"
    known, orphan = Booking("1", marked, -1250, "02", MORNING, "ATM"), Booking("2", marked + "1", 5, "01", MORNING)
    await service.deliver(account(service, "legacy", marked, "c-1"), feed.booking("legacy", known))
    await service.deliver(feed.booking("legacy", orphan), feed.record(LEGACY, marked, b"P;3;" + marked.encode()))
    assert (await service.counts())["dead_lettered"] == 1
    tables = await service.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        for row in await service.rows(f"SELECT * FROM {table}"):
            cells = [bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]
            assert marked not in repr(cells) and marked.encode().hex() not in repr(cells), table
    assert tokens("legacy").account(marked) in repr(await service.rows("SELECT value FROM outbox"))
    assert await _by_account(service)


async def _by_account(service: Delivering) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for fact in await told(service):
        found[fact.account_id].append(fact.transaction_no)
    return found
