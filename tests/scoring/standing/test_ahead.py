"""What is dated ahead has no effect before its time, and its right effect from then on, though nothing else happens."""

from datetime import datetime
from random import Random

import pytest

from rapport.events.bank import TransactionRecorded
from rapport.events.base import Event
from scoring.standing.facts import counts_from
from tests.scoring.facts import DAY, MONDAY, life, moment_of, reversal, salary, transaction
from tests.scoring.replaying import outcome, replay
from tests.support.delivering import Delivering
from tests.support.serving import Start

_OWN = {"cause_event_id", "known_at"}


def booked_back(of: TransactionRecorded, told_at: datetime) -> TransactionRecorded:
    """What takes back, at `told_at`, a posting that is dated later."""
    return reversal(of, told_at)


def due(fact: Event) -> datetime:
    return max(counts_from(fact) or moment_of(fact), moment_of(fact))  # type: ignore[arg-type]


async def seen(service: Delivering) -> dict[str, list[object]]:
    """Every standing and every decision; by which event one was made follows from when that was told."""
    found = await outcome(service)
    return {
        "standings": found["standings"],
        "decisions": [{name: cell for name, cell in one.items() if name not in _OWN} for one in found["decisions"]],
    }


async def test_a_posting_of_next_year_that_is_taken_back_today_changes_nothing_until_its_day(running: Start) -> None:
    service, without = await running("stream"), await running("stream")
    facts: list[Event] = [salary(MONDAY + n * 30 * DAY) for n in range(6)]
    facts += [transaction(MONDAY + n * DAY) for n in range(150)]
    facts.sort(key=moment_of)
    ahead = booked_back(salary(MONDAY + 400 * DAY, amount="90000.00"), MONDAY + 160 * DAY)
    for one, told in ((service, [*facts, ahead]), (without, facts)):
        await replay(one, told, until=MONDAY + 399 * DAY, size=50, sweeps=True)
    assert await seen(service) == await seen(without)
    (standing,) = await service.rows("SELECT credits_minor, month FROM standings")
    await replay(service, [], until=MONDAY + 401 * DAY, size=50, sweeps=True, first=1000)
    (later,) = await service.rows("SELECT credits_minor, month, sums_as_of FROM standings")
    assert later.credits_minor == standing.credits_minor - 9_000_000
    assert later.month > standing.month
    assert later.sums_as_of == MONDAY + 400 * DAY


@pytest.mark.parametrize("seed", range(3))
async def test_told_months_ahead_or_on_its_day_every_standing_and_decision_is_the_same(
    running: Start, seed: int
) -> None:
    draw = Random(seed)
    told_at: dict[int, datetime] = {}
    facts: list[Event] = list(life(seed=20 + seed, customers=6, days=240))
    for number in range(30):
        at = MONDAY + draw.uniform(20, 240) * DAY
        customer, amount = f"c-{draw.randrange(6)}", f"{draw.randint(10, 30_000)}.00"
        of = draw.choice([transaction, salary])(at, customer, amount=amount, transaction_no=f"x-{number}")
        if number % 3:
            facts.append(booked_back(of, at - draw.uniform(1, 200) * DAY))
        else:
            facts.append(of)
            told_at[id(of)] = at - draw.uniform(0.01, 0.9) * DAY
    early = {id(fact): told_at.get(id(fact), moment_of(fact)) for fact in facts}
    until = MONDAY + 500 * DAY
    on_its_day = await running("stream")
    await replay(on_its_day, sorted(facts, key=due), until=until, size=97, sweeps=True, told_at=due)
    right = await seen(on_its_day)
    facts.sort(key=lambda fact: early[id(fact)])
    for size, sweeps in ((5, True), (60, False), (10_000, False)):
        service = await running("stream")
        await replay(service, facts, until=until, size=size, sweeps=sweeps, told_at=lambda fact: early[id(fact)])
        assert await seen(service) == right
        assert not await service.rows("SELECT 1 FROM events_ahead")
