"""Stages as the service decides, keeps and tells them: merged files, refusals, restrictions, erasure, new rules."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from churn_alert.lifecycle.documents import PUBLISHED
from churn_alert.lifecycle.handlers import recheck_stages
from churn_alert.lifecycle.store.lives import StageOf, stages_of
from churn_alert.lifecycle.store.transitions import read_states
from rapport.events.base import Event
from rapport.messaging.observer import Observer
from rapport.messaging.sweeper import Sweeper
from tests.churn_alert.lifecycle.living import account, moment, profile
from tests.churn_alert.lives import DAY, START, paid, used
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.erasing import MARK, erased, found_in
from tests.support.grouping import merge, person, unmerge
from tests.support.serving import Start

LATER = START + 600 * DAY


async def hear(service: Delivering, *facts: Event) -> None:
    """Each at its own time; a poll for each run of one topic, since no topic waits for another here."""
    for _, run in groupby(facts, key=lambda fact: fact.name):
        await service.deliver(*(service.feed.record(one, time=moment(one)) for one in run))


async def pass_until(service: Delivering, at: datetime, *customers: str) -> None:
    """The customers' time goes on: an automatic posting says nothing of them but the time; then the sweeper looks."""
    await hear(service, *(paid(one, at, initiator="automatic", transaction_no=f"n-{at:%y%m%d}") for one in customers))
    while await sweep(service):
        pass


async def sweep(service: Delivering) -> int:
    runtime = service.runtime
    return await Sweeper(runtime.transactions, runtime.composition.sweeps, Observer()).sweep(
        range(service.service.partitions)
    )


async def changes(service: Delivering, customer_id: str = "c-1") -> list[tuple[str, str]]:
    rows = await service.rows(
        "SELECT stage, rule FROM lifecycle_transitions WHERE customer_id = :one ORDER BY revision", one=customer_id
    )
    return [tuple(row) for row in rows]


async def told(service: Delivering) -> list[dict[str, Any]]:
    rows = await service.rows("SELECT value FROM outbox WHERE topic LIKE '%lifecycle-changed' ORDER BY outbox_id")
    return [json.loads(row[0]) for row in rows if row[0] is not None]


def pays(customer_id: str, days: Sequence[int]) -> list[Event]:
    return [paid(customer_id, START + day * DAY, transaction_no=f"t-{day}") for day in days]


async def stage(service: Delivering, customer_id: str) -> StageOf | None:
    async with service.runtime.engine.connect() as connection:
        return (await stages_of(connection, [customer_id])).get(customer_id)


async def test_a_customer_with_an_account_alone_is_potential_and_the_fact_says_so(service: Delivering) -> None:
    await hear(service, account("c-1"))
    assert await changes(service) == [("potential", "first-heard")]
    (fact,) = await told(service)
    assert (fact["stage"], fact["previous"], fact["rule"], fact["revision"]) == ("potential", None, "first-heard", 1)


async def test_an_account_of_which_the_core_says_the_first_day_of_all_is_taken(service: Delivering) -> None:
    await hear(service, account("c-1").model_copy(update={"opened_on": date(1, 1, 1)}))
    assert (await changes(service))[-1] == ("potential", "first-heard")


async def test_silence_alone_loses_a_customer_at_its_moment_whenever_the_sweeper_looks(service: Delivering) -> None:
    await hear(service, account("c-1"), *pays("c-1", range(0, 200, 5)))
    assert [one for one, _ in await changes(service)] == ["potential", "new", "mature"]
    await pass_until(service, LATER, "c-1")
    assert (await changes(service))[-1] == ("lost", "fallen-silent")
    ((happened, known, cause),) = await service.rows(
        "SELECT happened_at, known_at, cause FROM lifecycle_transitions WHERE stage = 'lost'"
    )
    assert START + 285 * DAY <= happened < START + 300 * DAY
    assert known > happened
    assert cause == "time"
    assert [one["revision"] for one in await told(service)] == [1, 2, 3, 4]


async def test_a_customer_who_comes_back_is_won_back(service: Delivering) -> None:
    await hear(service, *pays("c-1", range(0, 200, 5)))
    await hear(service, used("c-1", LATER))
    assert [one for one, _ in await changes(service)] == ["new", "mature", "lost", "mature"]
    found = await stage(service, "c-1")
    assert found is not None
    assert (found.stage, found.since, found.rule) == ("mature", LATER, "won-back-settled")


async def test_files_that_are_merged_are_in_one_stage_on_the_sum_and_each_in_its_own_once_separated(
    service: Delivering,
) -> None:
    await hear(service, account("c-1"), account("c-2"))
    await hear(service, *pays("c-2", range(0, 200, 5)))
    await pass_until(service, START + 200 * DAY, "c-1", "c-2")
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))
    assert [one for one, _ in await changes(service)][-1] == "mature"
    merged = await stage(service, "c-2")
    assert merged == await stage(service, "c-1")
    before = await changes(service, "c-2")
    await hear(service, paid("c-2", START + 300 * DAY))
    await pass_until(service, LATER, "c-1", "c-2")
    assert [one for one, _ in await changes(service)][-1] == "lost"
    assert await changes(service, "c-2") == before
    await service.deliver(*map(service.feed.record, unmerge(2, person("c-1"), person("c-2"))))
    assert [one for one, _ in await changes(service)][-1] == "potential"
    assert [one for one, _ in await changes(service, "c-2")][-1] == "lost"


async def test_an_event_on_a_merged_file_wins_the_person_back_when_the_sweeper_comes(service: Delivering) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)), account("c-2"))
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))
    await pass_until(service, LATER, "c-1", "c-2")
    assert [one for one, _ in await changes(service)][-1] == "lost"
    await hear(service, used("c-2", LATER + DAY))
    await pass_until(service, LATER + 2 * DAY, "c-1", "c-2")
    assert (await changes(service))[-1] == ("mature", "won-back-settled")
    found = await stage(service, "c-1")
    assert found is not None
    assert found.since == LATER + DAY


async def test_who_refuses_care_stays_in_the_stage_that_was_and_is_decided_at_once_when_it_is_allowed_again(
    service: Delivering,
) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)))
    at = START + 120 * DAY
    await service.deliver(service.feed.record(consents(revision=1, refused=["churn-care"]), time=at))
    await pass_until(service, LATER, "c-1")
    assert [one for one, _ in await changes(service)] == ["new", "mature"]
    await service.deliver(service.feed.record(consents(revision=2, granted=["churn-care"]), time=LATER))
    assert (await changes(service))[-1][0] == "lost"


async def test_what_time_brought_before_a_no_is_decided_before_it(service: Delivering) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)))
    # The clock has gone far on, and nobody has looked yet.
    await service.deliver(service.feed.record(paid("c-1", LATER, initiator="automatic"), time=LATER))
    await service.deliver(service.feed.record(consents(revision=1, refused=["churn-care"]), time=LATER))
    assert (await changes(service))[-1] == ("lost", "fallen-silent")


@pytest.mark.parametrize(
    ("said", "lost"),
    [({"relationship": "restricted"}, False), ({"relationship": "exited", "status": "closed"}, True)],
)
async def test_who_is_restricted_is_left_alone_and_who_exited_is_lost(
    service: Delivering, said: dict[str, str], lost: bool
) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)))
    at = START + 110 * DAY
    await hear(service, paid("c-1", at, initiator="automatic"))
    await hear(service, profile("c-1", at, 1, **said))
    await pass_until(service, LATER, "c-1")
    assert ("lost" in {one for one, _ in await changes(service)}) is lost
    if lost:
        assert (await changes(service))[-1] == ("lost", "relationship-over")
    await hear(service, profile("c-1", LATER, 2))
    assert (await changes(service))[-1][0] == "lost"
    await hear(service, used("c-1", LATER + DAY))
    assert (await changes(service))[-1] == ("mature", "won-back-settled")


async def test_of_who_is_destroyed_no_stage_is_left_anywhere_and_a_tombstone_is_told(service: Delivering) -> None:
    await hear(service, account("c-1"), *pays("c-1", range(0, 100, 5)), account("c-2"))
    await service.deliver(service.feed.record(erased("c-1")))
    assert await found_in(service.runtime.engine, "c-1", beside=frozenset({MARK, "outbox"})) == {}
    rows = await service.rows("SELECT key, value FROM outbox WHERE topic LIKE '%lifecycle-changed' ORDER BY outbox_id")
    assert [bytes(row.key) for row in rows if row.value is None] == [b"c-1"]
    assert await stage(service, "c-2") is not None
    await hear(service, account("c-1", START + 200 * DAY), used("c-1", START + 201 * DAY))
    assert await changes(service) == []


async def test_a_state_is_told_again_as_it_was_told(service: Delivering) -> None:
    await hear(service, account("c-1"), *pays("c-1", range(0, 100, 5)), account("c-2"))
    latest = {one["customer_id"]: one for one in await told(service)}
    async with service.runtime.engine.connect() as connection:
        again = await read_states(connection, "", 10)
        assert [fact.key for fact, _ in await read_states(connection, "c-1", 10)] == ["c-2"]
    assert {fact.key: fact.model_dump(mode="json") for fact, _ in again} == latest


async def test_new_rules_decide_everybody_anew_and_nobody_before_their_own_day(running: Start, tmp_path: Path) -> None:
    document = json.loads(PUBLISHED.read_bytes()) | {"version": 2, "effective_from": "2025-04-01"}
    (settled,) = (rule for rule in document["rules"] if rule["name"] == "settled")
    settled["when"] = {"active_days": 2, "tenure_days": 10}
    (tmp_path / "stages.json").write_text(json.dumps(document))
    service = await running()
    await hear(service, *pays("c-1", [0, 5]), account("c-2"))
    await service.deliver(
        service.feed.record(paid("c-1", START + 100 * DAY, initiator="automatic"), time=START + 100 * DAY)
    )
    assert await changes(service) == [("new", "activated")]
    rules = (await running(stages=tmp_path / "stages.json")).runtime.composition.state["stages"]
    await recheck_stages(service.runtime.transactions, rules=rules)
    assert await changes(service) == [("new", "activated"), ("mature", "settled")]
    found = await stage(service, "c-1")
    assert found is not None
    assert found.since == rules.effective_at
    before = await told(service)
    await recheck_stages(service.runtime.transactions, rules=rules)
    assert await told(service) == before
