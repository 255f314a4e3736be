"""What is dated ahead has no effect before its time, and its right effect from then on: on a real database."""

from dataclasses import replace
from datetime import datetime
from random import Random

import pytest

from churn_alert.risk.domain.sums import SUMS
from churn_alert.risk.facts import counts_from
from rapport.behaviour.decay import column_names
from rapport.events.bank import ReversedTransaction, TransactionRecorded
from rapport.events.base import Event
from tests.churn_alert.lives import DAY, HOUR, START, Heard, drawn, heard, paid, salary, steady, taken_back, when
from tests.churn_alert.playing import Player
from tests.churn_alert.risk.test_handlers import NEIGHBOUR, lead, sweep, told
from tests.support.delivering import Delivering

_ROW = f"SELECT own_transactions, sums_as_of, accounts, last_activity_at, {', '.join(column_names(*SUMS))} FROM risks"
_OF_ONE = f"{_ROW} WHERE customer_id = 'c-1'"


def booked_back(of: TransactionRecorded, told_at: datetime) -> TransactionRecorded:
    """What takes back a posting that is dated after it is told."""
    back = taken_back(of, of.occurred_at)
    return back.model_copy(update={"occurred_at": told_at})


async def test_a_posting_of_next_year_that_is_taken_back_today_changes_nothing_of_today(service: Delivering) -> None:
    await lead(service, "c-1", 150)
    now, due = START + 150 * DAY, START + 450 * DAY
    before = await service.rows(_OF_ONE)
    ahead = booked_back(salary("c-1", due, "90000.00"), now)
    await service.deliver(service.feed.record(ahead, time=now))
    assert await service.rows(_OF_ONE) == before
    # It decides nothing either: silence is found when it would have been without it.
    later = due - DAY
    await service.deliver(service.feed.record(paid(NEIGHBOUR, later), time=later))
    while await sweep(service):
        pass
    (crossing,) = await told(service)
    assert crossing["cause"] == "silence"
    assert START + 155 * DAY < datetime.fromisoformat(crossing["crossed_at"]) < START + 215 * DAY


async def test_it_counts_from_its_own_moment_on_though_nothing_else_happens(service: Delivering) -> None:
    await lead(service, "c-1", 150)
    now, due = START + 150 * DAY, START + 300 * DAY
    await service.deliver(service.feed.record(booked_back(paid("c-1", due, "777.00"), now), time=now))
    assert len(await service.rows("SELECT 1 FROM events_ahead")) == 1
    (before,) = await service.rows(_OF_ONE)
    await service.deliver(service.feed.record(paid(NEIGHBOUR, due + HOUR), time=due + HOUR))
    while await sweep(service):
        pass
    (after,) = await service.rows(_OF_ONE)
    assert after.own_transactions == before.own_transactions - 1
    assert after.sums_as_of == due
    assert after.last_activity_at == before.last_activity_at
    assert not await service.rows("SELECT 1 FROM events_ahead")


@pytest.mark.parametrize("seed", range(4))
async def test_told_months_ahead_or_on_its_day_the_whole_history_is_the_same(service: Delivering, seed: int) -> None:
    """Risks, crossings, alerts, stages and tallies, in batches and with sweeps of any kind."""
    random = Random(seed)
    lives: list[Event] = [event for number in range(5) for event in drawn(random, f"c-{number}")]
    lives += [*steady("c-8", 200), paid("c-9", START + 700 * DAY)]
    usual = heard(lives)
    early, on_time = list(usual), list(usual)
    for number in range(40):
        told_at = START + random.uniform(60, 320) * DAY
        if number % 3:
            due = told_at + random.uniform(0.01, 365) * DAY
            of = random.choice([paid, salary])(f"c-{random.randrange(5)}", due, f"{random.randint(5, 9000)}.00")
            event = booked_back(of.model_copy(update={"transaction_no": f"x-{number}"}), told_at)
        else:
            due = told_at + random.uniform(0.01, 1) * DAY
            event = paid(f"c-{random.randrange(5)}", due, "12.00", transaction_no=f"y-{number}")
        early.append(Heard(told_at, event))
        on_time.append(Heard(due, event))
    ordered = [sorted(one, key=lambda one: (one.at, one.event.key)) for one in (early, on_time)]
    player = Player(service)
    life = await player.play(ordered[1], batch=random.randint(2, 60), sweeps=1)
    for batch, sweeps in ((random.randint(1, 9), 2), (random.randint(20, 60), 1), (10_000, 0)):
        other = await player.play(ordered[0], batch=batch, sweeps=sweeps)
        assert replace(other, told=[], paces=[]) == replace(life, told=[], paces=[])
        assert other.told == life.told
        assert other.paces == pytest.approx(life.paces, rel=1e-9, abs=1e-6)
    assert {cause for _, _, _, cause, *_ in life.crossings} == {"event", "silence"}


async def test_the_same_by_shuffled_arrival_and_what_is_still_to_come_waits(service: Delivering) -> None:
    random = Random(3)
    events: list[Event] = [event for number in range(3) for event in drawn(random, f"c-{number}")]
    end = START + 331 * DAY
    events += [
        booked_back(paid(f"c-{n % 3}", end + (n - 10) * 9 * DAY, transaction_no=f"x-{n}"), START + 200 * DAY)
        for n in range(20)
    ]
    late = [Heard(end, event) for event in events]
    shuffled = random.sample(late, len(late))
    player = Player(service)
    one, other = await player.play(late, batch=300, sweeps=0), await player.play(shuffled, batch=70, sweeps=0)
    assert one.tallies == other.tallies != []
    names = ("own_transactions", "channel_uses", "sums_as_of", "active_days", "first_event_at", "last_activity_at")
    for left, right in zip(one.risks, other.risks, strict=True):
        assert {name: left[name] for name in names} == {name: right[name] for name in names}
        sums = [[row[name] for name in column_names(*SUMS)] for row in (left, right)]
        assert sums[0] == pytest.approx(sums[1], rel=1e-9, abs=1e-9 * max(map(abs, sums[0])))


def test_a_reversal_counts_from_when_what_it_takes_back_had_happened() -> None:
    of = paid("c-1", START + 9 * DAY)
    assert counts_from(booked_back(of, START)) == START + 9 * DAY
    assert isinstance(booked_back(of, START).reverses, ReversedTransaction)
    assert counts_from(of) == when(of)
