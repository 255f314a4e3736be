"""Replay equals life: neither the size of a batch nor when somebody looks changes a stage or its date."""

from dataclasses import replace
from random import Random

import pytest

from rapport.events.base import Event
from tests.churn_alert.lifecycle.living import account
from tests.churn_alert.lifecycle.playing import Player
from tests.churn_alert.lives import DAY, START, Heard, drawn, heard, paid, used
from tests.support.delivering import Delivering


def lives(random: Random, customers: int = 6) -> list[Heard]:
    """Accounts opened and closed, whole lives, and long after them some who come back."""
    told: list[Heard] = []
    for number in range(customers):
        customer_id = f"c-{number}"
        told.append(Heard(START - DAY, account(customer_id, START - DAY)))
        events: list[Event] = drawn(random, customer_id, days=random.choice([40, 200, 330]))
        told += heard(events)
        if number % 2:
            back = START + random.randint(600, 900) * DAY
            told.append(Heard(back, used(customer_id, back)))
        if number % 3 == 0:
            closed = START + random.randint(340, 500) * DAY
            told.append(Heard(closed, account(customer_id, closed, "closed")))
    return sorted(told, key=lambda one: (one.at, one.event.key))


@pytest.mark.parametrize("seed", range(3))
async def test_any_batch_size_and_any_sweeping_give_the_same_stages(service: Delivering, seed: int) -> None:
    random = Random(seed)
    events = lives(random)
    player = Player(service)
    life = await player.play(events, batch=random.randint(2, 5), sweeps=random.randint(1, 2))
    assert {row[3] for row in life.transitions} == {"potential", "new", "mature", "lost"}
    assert {row[5] for row in life.transitions} == {"event", "time"}
    assert any(row[2] == "lost" for row in life.transitions)
    assert len(life.told) == len(life.transitions)
    for batch, sweeps in ((random.randint(20, 60), 3), (1000, 0), (len(events), 1)):
        assert await player.play(events, batch=batch, sweeps=sweeps) == life


async def test_what_is_heard_one_by_one_gives_what_all_at_once_gives(service: Delivering) -> None:
    events = lives(Random(11), customers=2)
    player = Player(service)
    assert await player.play(events, batch=1, sweeps=1) == await player.play(events, batch=len(events), sweeps=0)


async def test_any_order_of_the_same_facts_gives_the_same_present_stages(service: Delivering) -> None:
    random = Random(5)
    events = lives(random)
    end = max(one.at for one in events) + DAY
    late = [replace(one, at=end) for one in events]
    shuffled = random.sample(late, len(late))
    player = Player(service)
    in_time = await player.play(events, batch=50, sweeps=1, days=1)
    for order in (late, shuffled):
        seen = await player.play(order, batch=70, sweeps=0, days=1)
        assert [(row["customer_id"], row["stage"], row["accounts"]) for row in seen.lives] == [
            (row["customer_id"], row["stage"], row["accounts"]) for row in in_time.lives
        ]


async def test_a_timer_that_an_activity_put_off_fires_nothing_when_it_is_looked_at_early(service: Delivering) -> None:
    events = heard(paid("c-1", START + number * 20 * DAY, transaction_no=f"t-{number}") for number in range(40))
    seen = await Player(service).play(events, batch=1, sweeps=3, days=10)
    assert [row[3] for row in seen.transitions] == ["new", "mature"]
