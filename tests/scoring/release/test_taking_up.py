"""An approved version decides everybody at its own moment, though nobody restarts anything and nothing happens."""

from datetime import timedelta
from typing import Any

import pytest

from rapport.events.base import Event
from scoring.comparing import NEVER
from scoring.release.handlers.jobs import bring_forward
from tests.scoring.facts import DAY, deliver, holdings, life, moment_of, standing, told
from tests.scoring.release.people import FIRST, STRICTER, People, soon
from tests.scoring.replaying import outcome, reach, replay, sweep
from tests.support.delivering import Delivering
from tests.support.serving import SUBJECTS, Start

HOUR = timedelta(hours=1)
"""The date of a version lies a minute ahead, and no record may be dated a day ahead: what follows is of these hours."""
LADDER = [{"tier": "low"}, {"tier": "silver", "from": 40}, {"tier": "high", "from": 70}]
DECISIONS = (
    "SELECT old_tier, tier, scorecard_version, cause, decided_at, known_at FROM decisions "
    "WHERE customer_id = 'c-1' ORDER BY revision"
)


async def test_a_silent_customer_is_decided_again_at_the_date_and_a_rollback_brings_the_old_tier_back(
    bank: Delivering, people: Any
) -> None:
    office: People = await people(bank)
    begin = soon() - DAY
    await deliver(bank, holdings(1, "5000.00", at=begin))
    effective_from = soon()
    assert (await standing(bank)).due_at > effective_from
    assert await office.release(STRICTER, effective_from) == 2
    assert (await standing(bank)).due_at == effective_from
    back_from = effective_from + 3 * HOUR
    await reach(bank, effective_from + 2 * HOUR)
    assert (await standing(bank)).tier == "low"

    answer = await office.analyst.post("/scorecards/rollback", json={"version": 1, "reason": "Too strict"})
    assert (answer.status_code, answer.json()["version"], answer.json()["status"]) == (201, 3, "draft")
    await office.dry_run(3)
    assert (await office.approve(3, back_from)).status_code == 201
    await office.take_up()
    await reach(bank, back_from + HOUR)

    first, fall, rise = await bank.rows(DECISIONS)
    assert tuple(first)[:5] == (None, "middle", 1, "event", begin)
    assert tuple(fall)[:5] == ("middle", "low", 2, "time", effective_from)
    assert tuple(rise)[:5] == ("low", "middle", 3, "time", back_from)
    for row in (fall, rise):
        assert row.known_at < row.decided_at  # stream time is ahead of this machine's here
    assert [fact["scorecard_version"] for fact in await told(bank)] == [1, 2, 3]


async def test_due_times_are_set_anew_in_batches_and_doing_it_twice_changes_nothing(
    bank: Delivering, people: Any
) -> None:
    office: People = await people(bank)
    crowd = 1203
    begin = soon() - DAY
    await deliver(bank, *[holdings(1, "5000.00", customer_id=f"c-{n}", at=begin) for n in range(crowd)])
    version = await office.draft()
    await office.dry_run(version)
    effective_from = soon()
    await office.approve(version, effective_from)
    transactions = bank.runtime.transactions
    assert not await bring_forward(transactions, rules=office.rules), "somebody may still decide by version 1 alone"
    await bank.rows_written("UPDATE scorecards SET reschedule_from = now() WHERE reschedule_from IS NOT NULL")
    assert await bring_forward(transactions, rules=office.rules)
    (halfway,) = await bank.rows("SELECT count(*) AS n FROM due_times WHERE due_at = :at", at=effective_from)
    assert halfway.n == 500
    await office.take_up()
    (all_of_them,) = await bank.rows("SELECT count(*) AS n FROM due_times WHERE due_at = :at", at=effective_from)
    assert all_of_them.n == crowd
    before = await outcome(bank)
    await bank.rows_written(
        f"UPDATE scorecards SET reschedule_from = now(), rescheduled_up_to = '' WHERE version = {version}"
    )
    await office.take_up()
    assert await outcome(bank) == before


async def test_a_version_that_is_withdrawn_in_time_decides_nobody(bank: Delivering, people: Any) -> None:
    office: People = await people(bank)
    begin = soon() - DAY
    await deliver(bank, holdings(1, "5000.00", at=begin))
    due_at = (await standing(bank)).due_at
    version = await office.release(STRICTER, soon(10))
    alone = await office.analyst.post(f"/scorecards/{version}/withdraw", json={"reason": "Not yet"})
    assert (alone.status_code, alone.json()["title"]) == (403, "Who may approve withdraws what was approved")
    answer = await office.approver.post(f"/scorecards/{version}/withdraw", json={"reason": "Not yet"})
    assert (answer.status_code, answer.json()["status"]) == (201, "withdrawn")
    await office.take_up()
    assert (await standing(bank)).due_at == due_at
    await reach(bank, soon(60))
    assert (await standing(bank)).tier == "middle"
    assert [row.scorecard_version for row in await bank.rows(DECISIONS)] == [1]


async def test_an_event_is_decided_by_the_version_in_force_though_no_due_time_was_set_anew(
    bank: Delivering, people: Any
) -> None:
    office: People = await people(bank)
    begin = soon() - DAY
    await deliver(bank, holdings(1, "5000.00", at=begin))
    version = await office.draft()
    await office.dry_run(version)
    effective_from = soon()
    await office.approve(version, effective_from)
    office.rules.cards.compared_at = NEVER  # ten seconds later
    await deliver(bank, holdings(2, "200000.00", at=effective_from + HOUR))
    _, fall, rise = await bank.rows(DECISIONS)
    assert tuple(fall)[:5] == ("middle", "low", 2, "time", effective_from)
    assert tuple(rise)[:5] == ("low", "high", 2, "event", effective_from + HOUR)


async def test_a_stream_that_passed_the_date_takes_the_version_up_with_the_next_decision_and_never_runs_backwards(
    bank: Delivering, people: Any
) -> None:
    office: People = await people(bank)
    ahead = soon() + 5 * HOUR
    await deliver(bank, holdings(1, "5000.00", at=ahead))
    due_at = (await standing(bank)).due_at
    await office.release(STRICTER, soon())
    assert (await standing(bank)).due_at == due_at
    await deliver(bank, holdings(2, "6000.00", at=ahead + HOUR))
    first, fall = await bank.rows(DECISIONS)
    assert (first.scorecard_version, first.decided_at) == (1, ahead)
    assert (fall.tier, fall.scorecard_version, fall.cause, fall.decided_at) == ("low", 2, "event", ahead + HOUR)


async def test_another_process_takes_the_version_up_without_a_restart(bank: Delivering, people: Any) -> None:
    office: People = await people(bank)
    await deliver(bank, holdings(1, "5000.00", at=soon() - DAY))
    another = Delivering(SUBJECTS["scoring"].runtime(bank.runtime.settings, role="api"))
    elsewhere: People = await people(another)
    assert (await elsewhere.reader.get("/standings/c-1")).json()["scorecard_version"] == 1
    await office.release(STRICTER, soon())
    await reach(bank, soon(60))
    assert (await elsewhere.reader.get("/standings/c-1")).json()["scorecard_version"] == 1
    elsewhere.rules.cards.compared_at = NEVER  # ten seconds later
    assert (await elsewhere.reader.get("/standings/c-1")).json()["scorecard_version"] == 2
    await another.runtime.close()


@pytest.fixture(scope="module")
def history() -> list[Event]:
    facts = life(seed=23, customers=40, days=101, start=soon() - 100 * DAY)
    return [fact for fact in facts if moment_of(fact) < soon() + 22 * HOUR]


async def test_life_with_a_version_approved_amid_it_is_a_replay_that_knew_it_from_the_start(
    running: Start, cards: Any, people: Any, history: list[Event]
) -> None:
    """Also where due times are set anew only when the date is long over, and whatever the size of a batch."""
    until = soon() + 23 * HOUR
    changed = FIRST | {"thresholds": FIRST["thresholds"] | {"tiers": LADDER, "dwell_days": 1}}
    change = soon(5)

    async def lived(size: int, *, in_time: bool) -> dict[str, Any]:
        service = await running("stream", scorecards=cards)
        office: People = await people(service)
        earlier = [fact for fact in history if moment_of(fact) < change - HOUR]
        await replay(service, earlier, until=change - HOUR, size=size, sweeps=True)
        version = await office.draft(changed)
        await office.dry_run(version)
        await office.approve(version, change)
        office.rules.cards.compared_at = NEVER  # ten seconds later
        if in_time:
            await office.take_up()
        later = [fact for fact in history if moment_of(fact) >= change - HOUR]
        await replay(service, later, until=until, size=size, sweeps=True, first=len(earlier))
        await office.take_up()
        while await sweep(service):
            pass
        return await outcome(service)

    async def replayed(size: int) -> dict[str, Any]:
        service = await running("stream", scorecards=cards)
        await (await people(service)).release(changed, change)
        await replay(service, history, until=until, size=size, sweeps=False)
        return await outcome(service)

    expected = await replayed(10_000)
    assert {row["scorecard_version"] for row in expected["decisions"]} == {1, 2}
    assert await lived(7, in_time=True) == expected
    assert await lived(400, in_time=False) == expected
