"""One poll is one transaction: every event has its effect exactly once, whatever is wrong with another."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from rapport.messaging.offsets import Fenced
from rapport.messaging.poll import ConsumerStopped
from rapport.messaging.transaction import Transaction
from tests.support.delivering import Delivering
from tests.support.tally import NumberSaid, TallyChanged, WordWhispered


def said(number: int, customer: str = "c-1") -> NumberSaid:
    return NumberSaid(customer_id=customer, number=number)


async def total(tally: Delivering, customer: str = "c-1") -> tuple[int, int]:
    rows = await tally.rows("SELECT count, total FROM tallies WHERE customer_id = :c", c=customer)
    return tuple(rows[0]) if rows else (0, 0)


async def test_an_event_that_arrives_again_changes_nothing(tally: Delivering) -> None:
    feed = tally.feed
    await tally.deliver(feed.record(said(1), identifier="a"), feed.record(said(1), identifier="a"))
    await tally.deliver(feed.record(said(1), identifier="a"), feed.record(said(2), identifier="b"))
    assert await total(tally) == (2, 3)
    counts = await tally.counts()
    assert (counts["received"], counts["applied"], counts["duplicate"]) == (4, 2, 2)


async def test_an_id_seen_before_with_other_content_is_a_dead_letter(tally: Delivering) -> None:
    feed = tally.feed
    await tally.deliver(feed.record(said(1), identifier="a"))
    await tally.deliver(feed.record(said(9), identifier="a"))
    await tally.deliver(feed.record(said(2), identifier="b"), feed.record(said(3), identifier="b"))
    assert await total(tally) == (2, 3)
    reasons = await tally.rows("SELECT reason FROM dead_letters")
    assert [row.reason for row in reasons] == ["ce_id: seen before with other content"] * 2
    assert (await tally.counts())["dead_lettered"] == 2


async def test_a_poisonous_event_is_a_dead_letter_and_the_rest_of_its_poll_goes_on(tally: Delivering) -> None:
    records = [tally.feed.record(said(13 if n == 37 else 1, f"c-{n % 7}")) for n in range(100)]
    await tally.deliver(*records)
    counts = await tally.counts()
    assert (counts["applied"], counts["dead_lettered"]) == (99, 1)
    letter = (await tally.rows('SELECT topic, partition, "offset", reason FROM dead_letters'))[0]
    assert (letter.partition, letter.offset) == (records[37].partition, records[37].offset)
    assert letter.reason == "ZeroDivisionError", "an error's text can hold values and is not kept"


async def test_a_refusal_is_a_dead_letter_with_the_rule_in_words(tally: Delivering) -> None:
    await tally.deliver(tally.feed.record(said(1)), tally.feed.record(said(14)), tally.feed.record(said(15)))
    reasons = {row.reason for row in await tally.rows("SELECT reason FROM dead_letters")}
    assert reasons == {"NumberUnwelcome: number: 14 is not welcome", "number: 15 is refused"}
    assert await total(tally) == (1, 1)


async def test_facts_are_told_with_the_effect_and_derived_again_are_the_same_facts(tally: Delivering) -> None:
    record = tally.feed.record(said(5), identifier="a")
    await tally.deliver(record)
    first = await tally.rows("SELECT event_id, topic, partition FROM outbox")
    assert [(row.topic, row.partition) for row in first] == [("tally-changed", record.partition)]
    await tally.rows_written("DELETE FROM outbox", "DELETE FROM inbox", "DELETE FROM tallies")
    await tally.rows_written("UPDATE consumer_offsets SET next_offset = 0")
    await tally.deliver(record)
    assert await tally.rows("SELECT event_id, topic, partition FROM outbox") == first


async def test_a_passing_error_leaves_nothing_behind_and_is_no_dead_letter(tally: Delivering) -> None:
    async def fails(tx: Transaction, events: object) -> None:
        tx.tell(TallyChanged(customer_id="c-1", count=1, total=1), time=tx.now)
        raise OperationalError("deadlock", None, Exception())

    tally.poll._subscriptions = {NumberSaid: fails}
    with pytest.raises(OperationalError):
        await tally.deliver(tally.feed.record(said(1)))
    for table in ("inbox", "outbox", "dead_letters", "customers"):
        assert (await tally.rows(f"SELECT count(*) FROM {table}"))[0][0] == 0
    assert (await tally.counts())["received"] == 0


async def test_a_poll_that_another_worker_overtook_is_refused_whole(tally: Delivering) -> None:
    first, second = tally.feed.record(said(1)), tally.feed.record(said(2))
    await tally.deliver(first)
    with pytest.raises(Fenced):
        await tally.deliver(first, second)
    with pytest.raises(Fenced):
        await tally.deliver(tally.feed.record(said(4)), tally.feed.record(said(5)))
    assert await total(tally) == (1, 1)
    await tally.deliver(second)
    assert await total(tally) == (2, 3)


async def test_the_replay_of_a_dead_letter_has_its_effect_and_the_accounting_follows(tally: Delivering) -> None:
    await tally.deliver(tally.feed.record(said(1), data={"number": 14}), tally.feed.record(said(13)))
    assert (await tally.counts())["dead_lettered"] == 2
    await tally.rows_written("UPDATE dead_letters SET replay_requested_at = now()")
    assert await tally.replay.next() and await tally.replay.next() and not await tally.replay.next()
    assert (await tally.counts())["dead_lettered"] == 2, "what fails again stays"
    mended = {NumberSaid: _mended}
    tally.poll._subscriptions = mended
    await tally.rows_written("UPDATE dead_letters SET replay_requested_at = now()")
    while await tally.replay.next():
        pass
    counts = await tally.counts()
    assert (counts["received"], counts["applied"], counts["dead_lettered"]) == (2, 2, 0)
    assert await tally.rows("SELECT 1 FROM dead_letters") == []
    await tally.rows_written("UPDATE consumer_offsets SET next_offset = 2")


async def test_what_was_kept_in_clear_before_all_was_sealed_is_replayed_and_woken_too(tally: Delivering) -> None:
    dead, waiting = tally.feed.record(said(1), data={"number": 14}), tally.feed.record(said(16))
    await tally.deliver(dead, waiting)
    async with tally.runtime.engine.begin() as connection:
        for table, raw in (("dead_letters", dead), ("parked", waiting)):
            kept = text(f'UPDATE {table} SET record = :record, is_encrypted = false WHERE "offset" = :offset')
            assert (await connection.execute(kept, {"record": raw.pack(), "offset": raw.offset})).rowcount == 1
    await tally.deliver(tally.feed.record(said(17)))
    assert await total(tally) == (2, 33)
    tally.poll._subscriptions = {NumberSaid: _mended}
    await tally.rows_written("UPDATE dead_letters SET replay_requested_at = now()")
    assert await tally.replay.next()
    counts = await tally.counts()
    assert (counts["applied"], counts["dead_lettered"], counts["parked"]) == (3, 0, 0)


async def _mended(tx: Transaction, events: object) -> None:
    """The handler after its repair: takes everything."""


async def test_an_event_waits_for_what_it_needs_and_is_applied_when_that_comes(tally: Delivering) -> None:
    await tally.deliver(tally.feed.record(said(16)), tally.feed.record(said(16, "c-2")))
    assert (await tally.counts())["parked"] == 2
    await tally.deliver(tally.feed.record(said(17)))
    assert await total(tally) == (2, 33)
    counts = await tally.counts()
    assert (counts["received"], counts["applied"], counts["parked"]) == (3, 2, 1)


async def test_a_consumer_stops_instead_of_draining_a_topic_into_its_dead_letters(tally: Delivering) -> None:
    records = [tally.feed.record(said(1), data={"number": "many"}) for _ in range(300)]
    with pytest.raises(ConsumerStopped):
        await tally.deliver(*records)
    assert (await tally.counts())["dead_lettered"] == 100
    assert (await tally.rows("SELECT max(next_offset) FROM consumer_offsets"))[0][0] == 100


async def test_a_handler_that_refuses_everything_stops_the_consumer_too(tally: Delivering) -> None:
    with pytest.raises(ConsumerStopped):
        await tally.deliver(*[tally.feed.record(said(13)) for _ in range(150)])
    assert (await tally.counts())["dead_lettered"] == 100


async def test_what_dies_or_waits_is_encrypted_whatever_its_topic(tally: Delivering) -> None:
    for number in (13, 16):
        whispered = WordWhispered(customer_id="c-1", number=number, word="MARK-zhangsan")
        unknown = tally.feed.record(said(number, "c-2"), data={"full_name": "MARK-zhangsan"})
        await tally.deliver(tally.feed.record(whispered), unknown)
    for table in ("dead_letters", "parked"):
        rows = await tally.rows(f"SELECT record, is_encrypted FROM {table}")
        assert len(rows) == 2 and all(row.is_encrypted and b"MARK" not in row.record for row in rows)
    told = await tally.rows("SELECT value, headers::text FROM outbox WHERE topic LIKE '%dead-letter'")
    assert len(told) == 2 and all(b"MARK" not in row[0] and "MARK" not in row[1] for row in told)
    await tally.deliver(tally.feed.record(WordWhispered(customer_id="c-1", number=17, word="x")))
    assert await total(tally) == (2, 33)
