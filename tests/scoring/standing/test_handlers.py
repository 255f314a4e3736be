"""Facts of the bank become standings: in any order, once each, and every change of tier is kept and told."""

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rapport.behaviour.decay import column_names
from rapport.messaging.sweeper import Sweeper
from scoring.standing.domain.assets import beginning_of, month_of
from scoring.standing.domain.state import SUMS
from tests.scoring.facts import (
    DAY,
    MONDAY,
    deliver,
    holdings,
    life,
    record,
    reversal,
    salary,
    standing,
    told,
    transaction,
)
from tests.support.delivering import Delivering
from tests.support.serving import Start

DECISION = {"tier", "tier_since", "below_since", "points", "decided_at", "revision"}
DECAYED = set(column_names(*SUMS))


async def states(service: Delivering) -> dict[str, dict[str, Any]]:
    """The part of every standing that is a function of the events alone."""
    rows = await service.rows("SELECT * FROM standings ORDER BY customer_id")
    return {
        row.customer_id: {name: cell for name, cell in row._mapping.items() if name not in DECISION} for row in rows
    }


async def test_a_revision_in_milliseconds_is_kept_and_one_that_no_reader_holds_is_a_dead_letter(
    service: Delivering,
) -> None:
    for revision, amount in ((1_750_000_000_000, "5000.00"), (2**63 - 1, "7000.00"), (1_750_000_000_001, "1.00")):
        await deliver(service, holdings(revision, amount))
    too_large = service.feed.record(holdings(1, "9000.00"), data={"revision": 2**63})
    await service.deliver(too_large)
    assert (await standing(service)).holdings_revision == 2**63 - 1
    (letter,) = await service.rows("SELECT * FROM dead_letters")
    assert f"revision: Value error, is larger than {2**63 - 1}" in letter.reason


async def test_the_same_facts_shuffled_and_duplicated_give_the_same_state(running: Start) -> None:
    facts = life(seed=5, customers=20, days=120)
    in_order, shuffled = await running("wall"), await running("wall")
    await in_order.deliver(*[record(in_order, fact, identifier=f"e-{n}") for n, fact in enumerate(facts)])
    numbered = list(enumerate(facts))
    draw = Random(3)
    numbered += draw.sample(numbered, len(numbered) // 5)
    draw.shuffle(numbered)
    for first in range(0, len(numbered), 97):
        batch = numbered[first : first + 97]
        await shuffled.deliver(*[record(shuffled, fact, identifier=f"e-{n}") for n, fact in batch])
    expected, found = await states(in_order), await states(shuffled)
    assert expected.keys() == found.keys()
    for customer_id, state in expected.items():
        for name, cell in state.items():
            if name in DECAYED:
                gross = state["credits_minor"] + state["debits_minor"] if name[0] in "cd" else state["transactions"]
                assert found[customer_id][name] == pytest.approx(cell, abs=1e-9 * gross), name
            else:
                assert found[customer_id][name] == cell, name
    assert (await shuffled.counts())["duplicate"] == len(facts) // 5


async def test_sums_equal_a_reckoning_by_hand(service: Delivering) -> None:
    bought = transaction(MONDAY, amount="12.34", balance_after="987.66")
    await deliver(
        service,
        bought,
        salary(MONDAY + DAY, amount="5000.00"),
        transaction(MONDAY + 2 * DAY, amount="70.00", currency="USD"),
        reversal(bought, MONDAY + 3 * DAY),
        holdings(2, "1000.00", "250.50", at=MONDAY),
        holdings(1, "9.00", at=MONDAY),
    )
    row = await standing(service)
    assert (row.credits_minor, row.debits_minor, row.opening_minor) == (500_000, 0, 100_000)
    assert (row.transactions, row.foreign_currency_transactions, row.own_minor) == (2, 1, 0)
    assert row.holdings == {"wealth": [2, 125_050]}
    assert row.holdings_revision == 2
    assert row.sums_as_of == MONDAY + 2 * DAY
    assert row.credits_30d == pytest.approx(500_000 * 2 ** (-1 / 30))
    assert row.debits_90d == pytest.approx(0.0, abs=1e-6)
    assert (row.own_7d, row.active_days_from, row.active_days) == (1.0, (MONDAY + 2 * DAY).date(), b"\x01")
    assert (row.month, row.month_moved, row.month_moment) == (2025 * 12 + 2, 500_000, 500_000 * 3)
    assert row.valuations == [[MONDAY.date().toordinal(), 2, 125_050]]


async def test_the_first_fact_puts_a_customer_into_a_tier_and_tells_it(replaying: Delivering) -> None:
    await deliver(replaying, salary(MONDAY, amount="900000.00", balance_after="5000000.00"))
    (fact,) = await told(replaying)
    row = await standing(replaying)
    assert (fact["old_tier"], fact["tier"], fact["revision"]) == (None, row.tier, 1)
    assert fact["points"] == row.points == sum(fact["points_by_dimension"].values())
    assert datetime.fromisoformat(fact["decided_at"]) == MONDAY
    (kept,) = await replaying.rows("SELECT * FROM decisions")
    assert (kept.decided_at, kept.known_at > datetime(2025, 6, 1, tzinfo=UTC)) == (MONDAY, True)
    assert kept.reasons == fact["reasons"]
    assert sum(item["points"] for item in kept.evidence) == fact["points"]
    assert kept.explanation.startswith(
        f"The customer was first rated {row.tier} on 2025-03-03 with {row.points} points"
    )


async def test_a_fact_that_changes_no_tier_tells_nothing(replaying: Delivering) -> None:
    await deliver(replaying, salary(MONDAY))
    await deliver(replaying, *[transaction(MONDAY + n * DAY) for n in range(1, 9)])
    assert len(await told(replaying)) == 1
    assert (await standing(replaying)).decided_at == MONDAY + 8 * DAY


async def test_a_late_posting_is_folded_at_its_time_and_decided_at_the_clock(replaying: Delivering) -> None:
    present = [transaction(MONDAY + n * DAY) for n in range(33, 41)]
    late = salary(MONDAY, amount="9000000.00", balance_after="9001000.00")
    await deliver(replaying, *present, late)
    row = await standing(replaying)
    assert row.opening_minor == 100_000
    assert row.sums_as_of == row.decided_at == MONDAY + 40 * DAY
    assert row.credits_30d == pytest.approx(900_000_000 * 2 ** (-40 / 30))
    superseded, present_one = await replaying.rows("SELECT tier, decided_at, cause FROM decisions ORDER BY revision")
    assert superseded.tier == "low" != present_one.tier
    assert (superseded.decided_at, present_one.decided_at) == (MONDAY + 33 * DAY, MONDAY + 40 * DAY)


async def test_silence_alone_is_decided_as_of_the_day_it_fell_due(service: Delivering) -> None:
    now = datetime.now(UTC)
    await deliver(service, holdings(1, "100.00", at=now))
    await service.rows_written(
        "UPDATE due_times SET due_at = now() - interval '40 days'",
        "UPDATE standings SET tier_since = now() - interval '70 days'",
    )
    due_at = (await standing(service)).due_at
    sweeper = Sweeper(service.runtime.transactions, service.runtime.composition.sweeps, service.runtime.observer)
    assert await sweeper.sweep(range(24)) == 1
    row = await standing(service)
    beginnings = {beginning_of(month_of(now.date()) - ago, ZoneInfo("Asia/Shanghai")) for ago in range(3)}
    assert row.decided_at in {due_at, due_at + timedelta(days=30), *beginnings}
    assert due_at < row.decided_at <= now < row.due_at <= row.decided_at + timedelta(days=31)
    assert await sweeper.sweep(range(24)) == 0


async def test_a_sum_too_large_for_the_database_is_one_dead_letter_and_stops_nobody(service: Delivering) -> None:
    first = MONDAY - 2 * DAY
    huge = [salary(first + timedelta(minutes=n), amount="999999999999999.99") for n in range(95)]
    await deliver(service, *huge, salary(MONDAY, customer_id="c-2"))
    counts = await service.counts()
    assert counts["dead_lettered"] == 3
    assert counts["applied"] == 93
    assert (await standing(service, "c-2")).transactions == 1


async def test_another_base_currency_turns_money_and_activity_around(running: Start) -> None:
    service = await running("stream", currency="CZK", time_zone="Europe/Prague")
    await deliver(service, salary(MONDAY, currency="CZK"), transaction(MONDAY + DAY))
    row = await standing(service)
    assert (row.credits_minor, row.debits_minor, row.foreign_currency_transactions) == (900_000, 0, 1)
    (kept,) = await service.rows("SELECT explanation FROM decisions")
    assert "CZK" in kept.explanation


async def test_states_are_told_again_as_they_were_told(replaying: Delivering) -> None:
    await deliver(replaying, *life(seed=2, customers=5, days=60))
    latest = {fact.pop("event_id") and fact["customer_id"]: fact for fact in await told(replaying)}
    (states_,) = (kind for kind in replaying.runtime.composition.states if kind.concept == "standings")
    async with replaying.runtime.engine.connect() as connection:
        page = await states_.read(connection, "", 3)
        page += await states_.read(connection, page[-1][0].key, 10)
    assert [fact.key for fact, _ in page] == sorted(latest)
    assert {fact.key: json.loads(fact.model_dump_json()) for fact, _ in page} == latest
