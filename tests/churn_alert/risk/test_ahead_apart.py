"""What waits for its time does no harm to what comes: it is set aside where it cannot be handled, and is taken neither
beyond what was heard nor beyond where its own stream is.
"""

from datetime import timedelta
from itertools import count

import pytest

from rapport.ahead.store import NEVER, set_aside
from rapport.messaging.partitions import partition_of
from tests.churn_alert.feed.test_stops import NOW, SILENT, STOP, deliver, heard_before
from tests.churn_alert.lives import DAY, HOUR, START, complained, paid
from tests.churn_alert.risk.test_ahead import booked_back
from tests.churn_alert.risk.test_handlers import NEIGHBOUR, lead, sweep
from tests.support.delivering import Delivering
from tests.support.grouping import merge
from tests.support.serving import Start

DUE = START + 300 * DAY
FAR = next(f"f-{n}" for n in count() if partition_of(f"f-{n}") != partition_of("c-1"))


async def wait_for(service: Delivering, customer_id: str = "c-1") -> None:
    now = START + 150 * DAY
    event = booked_back(paid(customer_id, DUE, "777.00"), now)
    await service.deliver(service.feed.record(event, time=now))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events_ahead SET event_type = 'of-another-version.v1'",
        "UPDATE events_ahead SET document = document - 'amount'",
        # To be handled it takes one from this.
        "UPDATE risks SET own_transactions = -2147483648",
    ],
)
@pytest.mark.parametrize("by", ["event", "sweep"])
async def test_what_cannot_be_handled_is_set_aside_and_costs_no_other_event(
    service: Delivering, change: str, by: str
) -> None:
    await lead(service, "c-1", 150)
    await wait_for(service)
    await service.rows_written(change)
    later = DUE + HOUR
    if by == "sweep":
        await service.deliver(service.feed.record(paid(NEIGHBOUR, later), time=later))
        while await sweep(service):
            pass
    ours = paid("c-1", later + HOUR)
    await service.deliver(service.feed.record(ours, time=ours.occurred_at))
    assert await service.rows("SELECT handler, reason FROM dead_letters") == []
    assert (await service.counts())["dead_lettered"] == 0
    (kept,) = await service.rows("SELECT due_at FROM events_ahead")
    assert kept.due_at == NEVER
    async with service.runtime.engine.connect() as connection:
        assert await set_aside(connection) == {(): 1.0}


async def test_a_merge_takes_nothing_of_a_file_before_its_own_stream_is_there(service: Delivering) -> None:
    await lead(service, "c-1", 150)
    await lead(service, FAR, 150)
    await wait_for(service, FAR)
    at = DUE + DAY
    acts = [one for one in merge(1, "c-1", FAR) if one.customer_id == "c-1"]
    arrivals = service.arrivals([service.feed.record(one, time=at) for one in acts])
    for one in arrivals:
        assert one.event is not None
        one.event.at = one.position = at
    await service.poll.apply(arrivals, {})
    assert len(await service.rows("SELECT 1 FROM events_ahead")) == 1
    await service.deliver(service.feed.record(paid(FAR, at), time=at))
    assert await service.rows("SELECT 1 FROM events_ahead") == []


async def test_while_the_bank_is_not_heard_no_sweep_and_no_word_takes_what_is_dated_in_the_stop(
    running: Start,
) -> None:
    service = await running("wall")
    await heard_before(service)
    ahead = booked_back(paid(SILENT, STOP + 2 * DAY, "5.00"), STOP)
    await deliver(service, [ahead], published=STOP)
    assert len(await service.rows("SELECT 1 FROM events_ahead")) == 1
    (alerts,) = [one for one in service.runtime.composition.sweeps if one.name == "alerts"]
    async with service.runtime.transactions.begin(customers=[SILENT]) as tx:
        await alerts.fire(tx, [SILENT])
    await deliver(service, [complained(SILENT, NOW)], published=NOW)
    assert len(await service.rows("SELECT 1 FROM events_ahead")) == 1


async def test_what_is_published_in_the_millisecond_in_which_it_happens_is_handled_at_once_and_as_of_itself(
    running: Start,
) -> None:
    service = await running("wall")
    now = NOW.replace(microsecond=123_000)
    done, ahead = now + timedelta(microseconds=456), now + timedelta(microseconds=1_001)
    await deliver(service, [paid("c-1", done, "5.00"), paid("c-2", ahead, "5.00")], published=now)
    (risk,) = await service.rows("SELECT customer_id, decided_at, sums_as_of FROM risks")
    assert (risk.customer_id, risk.decided_at, risk.sums_as_of) == ("c-1", done, done)
    (waits,) = await service.rows("SELECT customer_id, due_at FROM events_ahead")
    assert (waits.customer_id, waits.due_at) == ("c-2", ahead)
