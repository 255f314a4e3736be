"""The turn of a year is told though nothing happens, and a replay at any speed tells the same history."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from rapport.events.bank import CustomerRecorded
from rapport.messaging.decoding import decode
from rapport.messaging.records import Arrival, RawRecord
from rapport.messaging.sweeper import Sweeper
from tests.customer_profile.facts import BankFact, account, customer, record
from tests.support.delivering import Delivering
from tests.support.serving import Start

START = datetime(2001, 6, 1, 9, tzinfo=UTC)
YEAR = timedelta(days=365)
EVERYWHERE = range(24)
OUTBOX = "SELECT event_id, convert_from(value, 'UTF8') AS value, headers FROM outbox ORDER BY partition, outbox_id"
FILES = (
    "SELECT customer_id, customer_class, status, unit, relationship_manager, age_band, open_accounts, recorded_at, "
    "as_of, due_at, revision FROM profiles ORDER BY customer_id"
)


def sweeper(service: Delivering) -> Sweeper:
    return Sweeper(service.runtime.transactions, service.runtime.composition.sweeps, service.runtime.observer)


async def test_in_wall_time_a_customer_becomes_older_though_nothing_happens(service: Delivering) -> None:
    year = datetime.now(UTC).year
    await service.deliver(record(service, customer(birth_year=year - 29)))
    assert await sweeper(service).sweep(EVERYWHERE) == 0
    await service.rows_written(
        f"UPDATE profiles SET due_at = '{year}-01-01+00', age_band = 'under-18', birth_year = birth_year - 1"
    )
    assert await sweeper(service).sweep(EVERYWHERE) == 1
    (row,) = await service.rows(FILES)
    assert (row.age_band, row.as_of, row.due_at, row.revision) == (
        "30-44", datetime(year, 1, 1, tzinfo=UTC), datetime(year + 15, 1, 1, tzinfo=UTC), 2
    )  # fmt: skip
    assert await sweeper(service).sweep(EVERYWHERE) == 0


async def test_a_sweep_at_any_moment_and_polls_of_any_size_tell_the_same_history(running: Start) -> None:
    chance = random.Random(11)
    facts = [(f"{n}", event) for n, event in enumerate(_history(chance))]
    slow, fast, mixed = [await running("stream") for _ in range(3)]
    await _live(slow, facts, [1] * len(facts), sweeps=True)
    await _live(fast, facts, [len(facts)], sweeps=False)
    sizes = [chance.choice([1, 2, 3, 7, 20]) for _ in facts]
    await _live(mixed, facts, sizes, sweeps=True, chance=chance)
    histories = [await _history_told(service) for service in (slow, fast, mixed)]
    ends = [await service.rows(FILES) for service in (slow, fast, mixed)]
    assert histories[0] == histories[1] == histories[2]
    assert ends[0] == ends[1] == ends[2]
    birthdays = [fact for fact in histories[0] if fact[2] == f"{fact[2][:4]}-01-01T00:00:00+00:00"]
    assert len(birthdays) > 20
    assert len(histories[0]) > 60


async def test_revisions_are_told_in_growing_order_for_each_customer(replaying: Delivering) -> None:
    chance = random.Random(3)
    facts = [(f"{n}", event) for n, event in enumerate(_history(chance))]
    await _live(replaying, facts, [50] * len(facts), sweeps=True)
    revisions: dict[str, list[int]] = {}
    for customer_id, _, _, _, revision in await _history_told(replaying):
        revisions.setdefault(customer_id, []).append(revision)
    assert all(one < next_ for told in revisions.values() for one, next_ in pairwise(told))


def _history(chance: random.Random) -> list[BankFact]:
    """Thirty years of a few customers: records, accounts opened and closed, some before their customer is known."""
    told: list[BankFact] = []
    for number in range(12):
        name, born = f"c-{number}", chance.randint(1930, 2000)
        for _ in range(chance.randint(2, 6)):
            told.append(
                customer(
                    name,
                    identity=None,
                    birth_year=chance.choice([born, born, None]),
                    unit=f"B{chance.randint(1, 3)}",
                    relationship_manager=chance.choice([None, "e-1"]),
                    recorded_at=_moment(chance),
                )
            )
        for _ in range(chance.randint(3, 9)):
            status = chance.choice(["open", "open", "closed"])
            told.append(account(name, f"a-{chance.randint(1, 2)}", status=status, as_of=_moment(chance)))
    return sorted(told, key=_time_of)


def _moment(chance: random.Random) -> datetime:
    # On the very turn of a year as well: what is due then comes first.
    exact = datetime(2001 + chance.randint(1, 20), 1, 1, tzinfo=UTC)
    return chance.choice([START + chance.random() * 22 * YEAR, START + chance.random() * 22 * YEAR, exact])


def _time_of(event: BankFact) -> tuple[datetime, str]:
    moment = event.recorded_at if isinstance(event, CustomerRecorded) else event.as_of
    return moment, event.name


async def _live(
    service: Delivering,
    facts: Sequence[tuple[str, Any]],
    sizes: Sequence[int],
    *,
    sweeps: bool,
    chance: random.Random | None = None,
) -> None:
    """These facts in their order, in polls of these sizes, with a sweep after each or only at the end."""
    arrivals = _in_order_of_life(service, [record(service, event, identifier=i) for i, event in facts])
    for size in sizes:
        poll, arrivals = arrivals[:size], arrivals[size:]
        if poll:
            await service.poll.apply(poll, {})
        if sweeps and (chance is None or chance.random() < 0.5):
            await sweeper(service).sweep(EVERYWHERE)
    assert not arrivals
    await sweeper(service).sweep(EVERYWHERE)


def _in_order_of_life(service: Delivering, records: Sequence[RawRecord]) -> list[Arrival]:
    """As a worker's intake merges them in stream time, all partitions together."""
    clocks: dict[int, datetime] = {}
    arrivals = []
    for raw in records:
        arrival = decode(raw, service.service.hears, partitions=service.service.partitions)
        assert arrival.event is not None, arrival.fault
        assert arrival.time is not None
        arrival.begins_at = raw.offset
        arrival.position = arrival.event.at = clocks[raw.partition] = max(
            arrival.time, clocks.get(raw.partition, arrival.time)
        )
        arrivals.append(arrival)
    return arrivals


async def _history_told(service: Delivering) -> list[tuple[str, str, str, str, int]]:
    """Per customer: what was told, when (the business time), under which id."""
    told = []
    for row in await service.rows(OUTBOX):
        headers, fact = dict(row.headers), row.value
        told.append((headers["ce_subject"], str(row.event_id), headers["ce_time"], fact))
    return sorted(
        [(who, identifier, moment, fact, json.loads(fact)["revision"]) for who, identifier, moment, fact in told],
        key=lambda entry: (entry[0], entry[4]),
    )
