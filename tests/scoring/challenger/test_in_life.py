"""A challenger in the running service: at every event, by silence, with the whole book, and in no other way."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from rapport.events.base import Event
from scoring.challenger.handlers.jobs import begin_shadows, compare, latest_agreement
from scoring.challenger.store.challengers import find
from scoring.comparing import NEVER
from scoring.replay.domain import Book
from scoring.scorecard.documents import ScorecardContent
from scoring.scorecard.domain import Scorecards
from scoring.standing.domain.rules import Rules
from scoring.standing.facts import fold
from tests.scoring.challenger.ring import (
    CHALLENGER,
    CHAMPION,
    alone,
    begin,
    bring,
    count,
    enter,
    ring_of,
    rules_of,
    shadows,
)
from tests.scoring.facts import DAY, MONDAY, STANDINGS, deliver, holdings, life, moment_of
from tests.scoring.release.people import People
from tests.scoring.replaying import reach, replay, sweep
from tests.support.delivering import Delivering
from tests.support.serving import Start

UNTIL = MONDAY + 260 * DAY


@pytest.fixture(scope="module")
def history() -> list[Event]:
    return life(seed=29, customers=14, days=200)


def course(book: Book, facts: list[Event], until: datetime) -> list[tuple[Any, ...]]:
    """Where these rules alone have everybody, and what they have due."""
    for fact in facts:
        effect = partial(fold, fact=fact, bank=book.rules.bank)  # type: ignore[arg-type]
        book.meet(fact.key, moment_of(fact), effect)
    book.close(until)
    return [
        (key, one.tier, one.tier_since, one.below_since, one.points, one.due_at)
        for key, one in sorted(book.standings.items())
    ]


async def in_shadow(service: Delivering) -> list[tuple[Any, ...]]:
    """The same of the shadows."""
    names = ("customer_id", "tier", "tier_since", "below_since", "points", "due_at")
    return [tuple(one[name] for name in names) for one in await shadows(service)]


async def test_from_the_first_event_on_a_shadow_is_a_replay_by_the_challenger_whatever_the_size_of_a_batch(
    running: Start, cards: Any, people: Any, history: list[Event]
) -> None:
    for size, sweeps in ((7, True), (400, False)):
        service = await running("stream", scorecards=cards)
        await enter(await people(service))
        await replay(service, history, until=UNTIL, size=size, sweeps=sweeps)
        assert await in_shadow(service) == course(Book(alone(service, CHALLENGER)), history, UNTIL)
        assert sum(one["events"] for one in await shadows(service)) == len(history)


async def test_whoever_stands_already_begins_there_as_if_the_version_came_into_force_at_that_moment(
    bank: Delivering, people: Any, history: list[Event]
) -> None:
    amid = MONDAY + 100 * DAY
    earlier = [fact for fact in history if moment_of(fact) < amid]
    await replay(bank, earlier, until=amid, size=100, sweeps=True)
    await enter(await people(bank))
    assert await bring(bank) == 1
    later = history[len(earlier) :]
    await replay(bank, later, until=UNTIL, size=50, sweeps=True, first=len(earlier))
    cards = Scorecards(
        [ScorecardContent.stored(CHAMPION).card(1, NEVER), ScorecardContent.stored(CHALLENGER).card(2, amid)]
    )
    assert await in_shadow(bank) == course(Book(Rules(rules_of(bank).bank, cards)), history, UNTIL)
    assert sum(one["events"] for one in await shadows(bank)) == len(later)


async def test_the_silent_are_brought_in_by_batches_that_go_on_where_they_were(bank: Delivering, people: Any) -> None:
    await deliver(bank, *[holdings(1, "5.00", customer_id=f"c-{n}") for n in range(1203)])
    await reach(bank, MONDAY + DAY)
    office: People = await people(bank)
    await enter(office)
    await deliver(bank, holdings(2, "7000.00", customer_id="c-77", at=MONDAY + 2 * DAY))
    ((before,),) = [await shadows(bank)]
    seen = []
    while await begin_shadows(bank.runtime.transactions, ring=ring_of(bank), rules=rules_of(bank)):
        shown = (await office.analyst.get("/scorecards/2/shadow")).json()
        seen.append((shown["customers_done"], shown["customers_total"]))
    assert seen == [(500, 1203), (1000, 1203), (1203, 1203)]
    found = {one["customer_id"]: one for one in await shadows(bank)}
    assert len(found) == 1203
    assert found["c-77"] == before, "who had an event has a shadow already"
    assert {one["events"] for key, one in found.items() if key != "c-77"} == {0}


async def test_a_process_that_has_not_looked_passes_no_event_over_once_the_challenger_began(
    bank: Delivering, people: Any
) -> None:
    office: People = await people(bank)
    version = await office.draft(CHALLENGER)
    assert (await office.analyst.post(f"/scorecards/{version}/shadow", json={"reason": "Try it"})).status_code == 201
    await deliver(bank, holdings(1, "5.00"))
    ring_of(bank).compared_at = NEVER
    await deliver(bank, holdings(2, "5.00", at=MONDAY + DAY))
    assert await shadows(bank) == [], "half a minute is not over, so somebody may not know yet"
    assert not await begin_shadows(bank.runtime.transactions, ring=ring_of(bank), rules=rules_of(bank))
    await begin(bank)
    await deliver(bank, holdings(3, "5.00", at=MONDAY + 2 * DAY))
    (shadow,) = await shadows(bank)
    assert (shadow["events"], shadow["begun_at"]) == (1, MONDAY + 2 * DAY)


async def test_what_is_counted_is_what_both_tables_say(bank: Delivering, people: Any, history: list[Event]) -> None:
    office: People = await people(bank)
    await enter(office)
    await replay(bank, history, until=UNTIL, size=200, sweeps=True)
    await count(bank)
    shown = (await office.analyst.get("/scorecards/2/shadow")).json()["comparison"]
    standings = {row.customer_id: row for row in await bank.rows(STANDINGS)}
    found = await shadows(bank)
    pairs = [(standings[one["customer_id"]], one) for one in found]
    assert shown["customers"] == len(pairs) == len(standings)
    assert shown["agreement"]["value"] == sum(old.tier == new["tier"] for old, new in pairs) / len(pairs)
    assert shown["events"] == len(history)
    assert shown["agreement_of_events"]["value"] == sum(one["agreements"] for one in found) / len(history)
    moves = {(move["old_tier"], move["tier"]): move["customers"] for move in shown["migration"]}
    assert moves == {
        pair: sum((old.tier, new["tier"]) == pair for old, new in pairs)
        for pair in {(old.tier, new["tier"]) for old, new in pairs}
    }
    differences = [new["points"] - old.points for old, new in pairs]
    assert {one["start"]: one["customers"] for one in shown["differences"]} == {
        start: sum(start <= one < start + 10 for one in differences)
        for start in {one // 10 * 10 for one in differences}
    }
    swapped = {"in": [], "out": []}
    for direction, ids in swapped.items():
        page = (await office.analyst.get(f"/scorecards/2/shadow/swap-set?direction={direction}")).json()["items"]
        ids += [item["customer_id"] for item in page]
    assert swapped == {
        "in": sorted(old.customer_id for old, new in pairs if new["tier"] == "high" != old.tier),
        "out": sorted(old.customer_id for old, new in pairs if old.tier == "high" != new["tier"]),
    }
    assert (shown["swapped_in"], shown["swapped_out"]) == (len(swapped["in"]), len(swapped["out"]))
    async with bank.runtime.engine.connect() as connection:
        told = await latest_agreement(connection)
    assert told == {
        ("2", "customers"): shown["agreement"]["value"],
        ("2", "events"): shown["agreement_of_events"]["value"],
    }


async def test_of_a_challenger_that_ended_the_last_count_stays_and_no_shadow(bank: Delivering, people: Any) -> None:
    office: People = await people(bank)
    await deliver(bank, holdings(1, "5.00"))
    await reach(bank, MONDAY + DAY)
    version = await enter(office)
    await bring(bank)
    await count(bank)
    answer = await office.analyst.post(f"/scorecards/{version}/shadow/stop", json={"reason": "Seen enough"})
    assert (answer.status_code, answer.json()["ended_at"] is not None) == (201, True)
    await compare(bank.runtime.transactions, ring=ring_of(bank), rules=rules_of(bank))
    assert len(await shadows(bank)) == 1, "a worker may still decide in it for some seconds"
    ring_of(bank).compared_at = NEVER
    await bank.rows_written("UPDATE challengers SET ended_at = now() - interval '31 s'")
    await count(bank)
    assert await shadows(bank) == []
    await deliver(bank, holdings(2, "5.00", at=MONDAY + 2 * DAY))
    assert await shadows(bank) == []
    async with bank.runtime.engine.connect() as connection:
        kept = await find(connection, version)
    assert kept is not None and kept.comparison is not None and kept.comparison.customers == 1


async def test_what_is_left_of_a_former_challenger_is_swept_away_and_not_decided(bank: Delivering, people: Any) -> None:
    office: People = await people(bank)
    await deliver(bank, holdings(1, "5.00"))
    await reach(bank, MONDAY + DAY)
    version = await enter(office)
    await bring(bank)
    await office.analyst.post(f"/scorecards/{version}/shadow/stop", json={"reason": "Seen enough"})
    ring_of(bank).compared_at = NEVER
    await reach(bank, MONDAY + 30 * DAY)
    assert await shadows(bank) == []
    assert await sweep(bank) == 0


async def test_a_challenger_can_be_stopped_while_the_book_is_counted_and_what_was_counted_before_stays(
    bank: Delivering, people: Any
) -> None:
    office: People = await people(bank)
    version = await enter(office)
    await bring(bank)
    async with bank.runtime.engine.begin() as holding:
        await holding.execute(text("LOCK TABLE shadows IN ACCESS EXCLUSIVE MODE"))
        counting = asyncio.create_task(count(bank))
        waiting = "SELECT 1 FROM pg_locks WHERE relation = 'shadows'::regclass AND NOT granted"
        while not await bank.rows(waiting):
            await asyncio.sleep(0.05)
        stopping = office.analyst.post(f"/scorecards/{version}/shadow/stop", json={"reason": "Seen enough"})
        answer = await asyncio.wait_for(stopping, 5)
    assert answer.status_code == 201
    await counting
    async with bank.runtime.engine.connect() as connection:
        kept = await find(connection, version)
    assert kept is not None and (kept.comparison, kept.counted_at) == (None, None)
