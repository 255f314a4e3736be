"""Regular contact, anniversaries, a first salary, an account that wakes, a customer who is lost and comes back: each
begins its playbook as of its own moment, once, whoever looks and whenever.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from rapport.events.bank import AccountChanged, InteractionRecorded
from rapport.events.base import Event
from rapport.events.scoring import TierChanged
from rapport.messaging.records import Arrival, RawRecord
from tests.churn_alert.alert.test_merging import sweep
from tests.churn_alert.intervention.books import written
from tests.churn_alert.intervention.conftest import Told
from tests.churn_alert.lives import DAY, paid, salary
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.serving import Start, Subject
from tests.support.sight import MANAGER, OWN, client_of, tell_who_manages
from tests.support.tokens import TestIssuer

NOON = datetime(2023, 3, 1, 12, tzinfo=UTC)
QUARTER = timedelta(days=90)
OPENED = NOON.date()
BEGUN = datetime.fromisoformat(f"{OPENED}T00:00:00+08:00")
Timed = tuple[Event, datetime]


def book(code: str, node: str, **fields: Any) -> dict[str, Any]:
    """A playbook that holds nobody out: a call by the manager."""
    said = {"playbook": code, "zh": code, "en": code, "node": node, "kind": "service-repair"}
    return said | {"steps": [{"task": f"{code}-call", "role": "rm", "due_days": 14}]} | fields


BOOKS = (
    book("high-quarterly", "regular-contact", every={"days": 90}, tiers=["high"]),
    book("others-yearly", "regular-contact", every={"days": 360}),
    book("anniversary", "anniversary"),
    book("first-salary", "first-salary"),
    book("account-woken", "account-woken"),
    book("win-back", "customer-lost"),
)


@pytest.fixture
async def service(running: Start, tmp_path: Path) -> Delivering:
    """A bank with plans of its own, in the time of its stream."""
    return await running("stream", playbooks=written(tmp_path, *BOOKS))


def account(status: str = "open", *, days: float = 0, opened_on: date = OPENED, customer_id: str = "c-1") -> Timed:
    at = NOON + days * DAY
    said = {
        "account_id": "a-1",
        "customer_id": customer_id,
        "type": "current",
        "status": status,
        "opened_on": opened_on,
    }
    return AccountChanged.model_validate(said | {"balance": "10.00", "currency": "CNY", "as_of": at}), at


def visit(days: float, channel: str = "branch") -> Timed:
    at = NOON + days * DAY
    said = {"customer_id": "c-1", "kind": "visit", "channel": channel, "occurred_at": at}
    return InteractionRecorded.model_validate(said), at


def payday(days: float) -> Timed:
    at = NOON + days * DAY
    return salary("c-1", at), at


def tier(name: str, revision: int, customer_id: str = "c-1") -> TierChanged:
    said = {"customer_id": customer_id, "old_tier": None, "tier": name, "points": 1, "points_by_dimension": {}}
    rest = {"reasons": [], "scorecard_version": 1, "decided_at": NOON, "revision": revision, "ladder": 3}
    return TierChanged.model_validate(said | rest | {"rank": {"high": 1, "middle": 2, "low": 3}[name]})


async def hear(service: Delivering, facts: Sequence[Timed], *, at_once: bool = True) -> None:
    """All in one poll, or each in its own; somebody looks after every poll."""
    records = [service.feed.record(fact, time=at) for fact, at in facts]
    for part in [records] if at_once else [[record] for record in records]:
        await service.poll.apply(_in_time(service, part), {})
        looks = [await sweep(service) for _ in range(4)]
        assert looks[-1] == 0, "what was due is due again and again"
    assert await service.rows("SELECT handler, reason FROM dead_letters") == []


def _in_time(service: Delivering, records: Sequence[RawRecord]) -> list[Arrival]:
    """As they come once nothing earlier can: none waits for another topic."""
    arrivals = [service.service.decode(raw) for raw in records]
    for arrival in arrivals:
        assert arrival.event is not None, arrival.fault
        assert arrival.time is not None
        arrival.begins_at, arrival.position, arrival.event.at = arrival.raw.offset, arrival.time, arrival.time
    return arrivals


async def begun(told: Told, *nodes: str) -> list[tuple[str, datetime]]:
    facts = [fact for fact in await told() if fact["change"] == "proposed" and (not nodes or fact["node"] in nodes)]
    return [(fact["playbook"], datetime.fromisoformat(fact["opened_at"])) for fact in facts]


async def test_a_customer_of_the_highest_tier_is_called_every_quarter_and_a_visit_moves_the_next_call(
    service: Delivering, told: Told
) -> None:
    await hear(service, [(tier("high", 1), NOON), account()])
    await hear(service, [payday(60), payday(100)])
    assert await begun(told, "regular-contact") == [("high-quarterly", BEGUN + QUARTER)]
    (task,) = [fact for fact in await told() if fact["change"] == "begun" and fact["node"] == "regular-contact"]
    assert datetime.fromisoformat(task["due_by"]) == BEGUN + QUARTER + 14 * DAY, "as of its moment, whoever looked when"
    await service.rows_written(
        "UPDATE interventions SET status = 'done', ended_at = now()",
        "UPDATE intervention_steps SET status = 'done', due_at = NULL",
    )
    await hear(service, [visit(150), visit(151, "mobile"), payday(230)])
    assert len(await begun(told, "regular-contact")) == 1
    await hear(service, [payday(241)])
    assert (await begun(told, "regular-contact"))[1:] == [("high-quarterly", NOON + 150 * DAY + QUARTER)]


async def test_while_a_call_is_open_no_second_one_is_begun(service: Delivering, told: Told) -> None:
    await hear(service, [(tier("high", 1), NOON), account()])
    await hear(service, [payday(200)])
    assert len(await begun(told, "regular-contact")) == 1


async def test_who_comes_into_another_tier_has_its_rhythm_from_the_next_date_on(
    service: Delivering, told: Told
) -> None:
    await hear(service, [(tier("low", 1), NOON), account()])
    await hear(service, [payday(200)])
    assert await begun(told, "regular-contact") == []
    await hear(service, [(tier("high", 2), NOON), payday(271)])
    assert await begun(told, "regular-contact") == [("high-quarterly", BEGUN + 3 * QUARTER)]


LIFE = [
    account(),
    payday(3),
    payday(33),
    visit(40),
    account("dormant", days=100),
    payday(120),
    account("open", days=170),
    visit(200, "contact-centre"),
    payday(365),
    account("dormant", days=371),
    payday(800),
    visit(801),
]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_life_begins_the_same_at_any_speed(service: Delivering, told: Told, at_once: bool) -> None:
    own = [(paid("c-1", NOON + number * DAY), NOON + number * DAY) for number in range(1, 20)]
    back = (paid("c-1", NOON + 805 * DAY), NOON + 805 * DAY)
    await hear(service, sorted([*LIFE, *own, back], key=lambda one: one[1]), at_once=at_once)
    found = [one for one in await begun(told) if one[0] != "repair-for-all"]
    losses = await service.rows("SELECT happened_at FROM lifecycle_transitions WHERE stage = 'lost'")
    assert len(losses) == 2
    assert sorted(found, key=lambda one: one[1]) == sorted(
        [
            ("first-salary", NOON + 3 * DAY),
            ("account-woken", NOON + 170 * DAY),
            ("anniversary", datetime.fromisoformat("2024-03-01T00:00:00+08:00")),
            ("others-yearly", NOON + 200 * DAY + timedelta(days=360)),
            *(("win-back", loss.happened_at) for loss in losses),
        ],
        key=lambda one: one[1],
    ), "the anniversary of 2025 comes while the first call is still to be made"
    ends = [
        fact["reason"] for fact in await told() if fact["status"] == "cancelled" and fact["node"] == "customer-lost"
    ]
    assert ends == ["returned", "returned"]


async def test_any_speed_tells_the_same_with_the_same_ids(running: Start, tmp_path: Path) -> None:
    path, heard = written(tmp_path, *BOOKS), []
    for at_once in (True, False):
        service = await running("stream", playbooks=path)
        await hear(service, LIFE, at_once=at_once)
        sql = "SELECT event_id::text, value FROM outbox WHERE topic = 'intervention-changed' ORDER BY 1"
        heard.append([tuple(row) for row in await service.rows(sql)])
    assert heard[0] == heard[1]
    assert heard[0]


async def test_a_call_that_was_made_moves_the_next_one_and_one_that_reached_nobody_does_not(
    service: Delivering, told: Told, app: FastAPI, issuer: TestIssuer
) -> None:
    await tell_who_manages(service)
    await hear(service, [(tier("high", 1, OWN), NOON), account(customer_id=OWN)])
    async with client_of(app, issuer, "rm", subject=MANAGER) as manager:

        async def end(outcome: str) -> None:
            open_now = (await manager.get("/tasks", params={"open": "true"})).json()["items"]
            (task,) = [one for one in open_now if one["node"] == "regular-contact"]
            ended = await manager.post(f"/tasks/{task['task_id']}/outcome", json={"outcome": outcome})
            assert ended.status_code == 201

        for days in (100, 190):
            await hear(service, [(salary(OWN, NOON + days * DAY), NOON + days * DAY)])
            await end("not-reached" if days == 100 else "content")
        await hear(service, [(salary(OWN, NOON + 281 * DAY), NOON + 281 * DAY)])
        found = await begun(told, "regular-contact")
    assert [at for _, at in found] == [BEGUN + QUARTER, BEGUN + 2 * QUARTER, NOON + 190 * DAY + QUARTER]


async def test_nothing_begins_by_time_for_who_refuses_what_it_rests_on(service: Delivering, told: Told) -> None:
    no = consents("c-1", refused=["churn-care"])
    await service.deliver(service.feed.record(no))
    await hear(service, [(tier("high", 1), NOON), account(), payday(3), payday(400)])
    assert await begun(told) == []


async def test_plans_that_are_written_later_hold_for_everybody_and_bring_nothing_of_the_past(
    service: Delivering, told: Told, subject: Subject, tmp_path: Path
) -> None:
    before = written(tmp_path, book("only-anniversaries", "anniversary", tiers=["high"]))
    settings = service.runtime.settings

    async def started(path: Path) -> Delivering:
        bank = settings.bank.model_copy(update={"playbooks": path})  # type: ignore[attr-defined]
        another = Delivering(subject.runtime(settings.model_copy(update={"bank": bank})))
        another.feed = service.feed
        return another

    old = await started(before)
    await hear(old, [account(), payday(100)])
    assert (await service.rows("SELECT due_at FROM contact_calendars"))[0].due_at is not None
    document = tmp_path / "later"
    document.mkdir()
    text = written(document, *BOOKS).read_text().replace('"version": 1', '"version": 2', 1)
    (document / "playbooks.json").write_text(text)
    new = await started(document / "playbooks.json")
    for upkeep in new.runtime.composition.upkeep:
        await upkeep(new.runtime.transactions)
    (row,) = await service.rows("SELECT version, due_at FROM contact_calendars")
    assert (row.version, row.due_at) == (2, BEGUN + 2 * QUARTER)
    assert await begun(told) == []
    for one in (old, new):
        await one.runtime.close()
