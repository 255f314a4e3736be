"""Of who declined or withdrew consent to care nobody is warned, from when that is heard, until they allow it."""

import json
from datetime import datetime
from itertools import permutations
from typing import Any

import httpx
import pytest

from churn_alert.alert.leaving_alone import on_care_consents
from rapport.events.base import Event
from tests.churn_alert.alert.test_merging import act, alerts, deliver, states, sweep
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, START, paid, steady
from tests.churn_alert.risk.test_handlers import NEIGHBOUR, lead
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.grouping import merge, person, unmerge
from tests.support.serving import Start

NOW = SILENT_FROM + 70 * DAY


async def say(service: Delivering, revision: int, *, allowed: bool | None, customer_id: str = "c-1") -> None:
    """None: nothing was said of it yet."""
    said = {True: "granted", False: "refused", None: "unsaid"}[allowed]
    told = consents(customer_id, revision=revision, **{said: ["churn-care"]})
    await service.deliver(service.feed.record(told, time=NOW))


async def told_last(service: Delivering) -> dict[str, Any]:
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'churn-alert-changed' ORDER BY outbox_id")
    found: dict[str, Any] = json.loads(rows[-1].value)
    return found


async def test_a_no_closes_the_open_alert_in_words_that_an_old_reader_takes(
    service: Delivering, live: Live, api: httpx.AsyncClient
) -> None:
    await live("c-1", until=NOW)
    await say(service, 1, allowed=False)
    assert await alerts(service) == [("c-1", "closed", "consent-refused")]
    told = await told_last(service)
    assert (told["status"], told["outcome"], told["merged_into"], told["consent_refused"]) == (
        "closed",
        None,
        None,
        True,
    )
    (listed,) = (await api.get("/alerts")).json()["items"]
    steps = (await api.get(f"/alerts/{listed['alert_id']}")).json()["history"]
    assert (listed["outcome"], listed["closed_by"], steps[-1]["consent_version"]) == ("consent-refused", None, 1)


async def test_an_alert_that_somebody_had_taken_up_is_closed_too(
    service: Delivering, api: httpx.AsyncClient, alert: str
) -> None:
    assert (await api.post(f"{alert}/acknowledgement")).status_code == 201
    await say(service, 1, allowed=False)
    assert (await api.get(alert)).json()["outcome"] == "consent-refused"


async def test_while_care_is_refused_nothing_is_reckoned_told_or_opened_and_what_is_done_is_counted(
    service: Delivering, live: Live, api: httpx.AsyncClient
) -> None:
    await say(service, 1, allowed=False)
    await live("c-1", until=NOW)
    await live("c-2", until=NOW)
    while await sweep(service):
        pass
    assert await alerts(service) == [("c-2", "opened", None)]
    assert [row.customer_id for row in await service.rows("SELECT customer_id FROM risk_crossings")] == ["c-2"]
    refused, other = [(await api.get(f"/risks/{one}")).json() for one in ("c-1", "c-2")]
    assert (refused["level"], refused["probability"], refused["indicators"]) == ("consent-refused", None, [])
    assert (refused["silence_raises_at"], refused["due_at"]) == (None, None)
    assert refused["own_transactions"] == other["own_transactions"] > 0
    listed = {one["customer_id"]: one["level"] for one in (await api.get("/risks")).json()["items"]}
    assert listed == {"c-1": "consent-refused", "c-2": "raised"}


async def test_who_allows_it_again_and_is_at_risk_still_is_warned_of_anew(service: Delivering, live: Live) -> None:
    await live("c-1", until=NOW)
    await say(service, 1, allowed=False)
    await say(service, 2, allowed=True)
    assert await alerts(service) == [("c-1", "closed", "consent-refused"), ("c-1", "opened", None)]
    await say(service, 1, allowed=False)
    assert (await alerts(service))[-1] == ("c-1", "opened", None)


async def test_who_said_nothing_or_no_to_something_else_is_watched(service: Delivering, live: Live) -> None:
    await say(service, 1, allowed=None)
    await service.deliver(service.feed.record(consents(revision=2, refused=["tiering"], unsaid=["churn-care"])))
    await live("c-1", until=NOW)
    assert await alerts(service) == [("c-1", "opened", None)]


async def test_in_whatever_order_the_words_come_the_latest_holds(service: Delivering) -> None:
    for number, order in enumerate(permutations(((1, False), (2, True), (3, False)))):
        for revision, allowed in order:
            await say(service, revision, allowed=allowed, customer_id=f"d-{number}")
    rows = await service.rows("SELECT customer_id FROM risks WHERE consent_refused ORDER BY 1")
    assert [row.customer_id for row in rows] == [f"d-{number}" for number in range(6)]


@pytest.mark.parametrize("is_swept", [True, False])
async def test_what_silence_brought_before_the_no_is_history_whoever_looked(running: Start, *, is_swept: bool) -> None:
    service, later = await running("stream"), START + 250 * DAY
    await lead(service, "c-1", 150)
    await deliver(service, [paid(NEIGHBOUR, later)])
    while is_swept and await sweep(service):
        pass
    (arrival,) = service.arrivals([service.feed.record(consents(refused=["churn-care"]), time=later)])
    assert arrival.event is not None
    arrival.event.at = later  # as a worker's intake has it, which knows where the partition is
    state = service.runtime.composition.state
    async with service.runtime.transactions.begin(customers=["c-1"]) as tx:
        await on_care_consents(tx, [arrival.event], rules=state["rules"], alerting=state["alerting"])
    (row,) = await service.rows("SELECT opened_at, closed_at, outcome FROM alerts")
    assert START + 155 * DAY < row.opened_at < START + 215 * DAY
    assert (row.closed_at, row.outcome) == (later, "consent-refused")
    (risk,) = await service.rows("SELECT is_raised, level_since, due_at FROM risks WHERE customer_id = 'c-1'")
    assert tuple(risk) == (False, None, None)


async def test_a_no_on_a_merged_file_closes_the_alert_as_of_the_no_whenever_and_with_whom_somebody_looks(
    running: Start,
) -> None:
    """In life somebody looks after each word; in a replay only after all of them, when every clock has gone on."""
    seen = []
    for is_life in (True, False):
        service, said = await running("stream"), START + 230 * DAY
        for number in (1, 3):
            await lead(service, f"c-{number}", 150)
            await lead(service, f"c-{number + 1}", 60)
            await act(service, merge(number, f"c-{number}", f"c-{number + 1}"))
            await deliver(service, [paid(f"c-{number}", said, initiator="automatic")])
        while await sweep(service):
            pass
        for number, at in ((2, said), (4, said + 3 * DAY)):
            await _hear_no(service, f"c-{number}", at)
            while is_life and await sweep(service):
                pass
        later = [paid(f"c-{number}", said + number * DAY, initiator="automatic") for number in (1, 3)]
        await deliver(service, later)
        while await sweep(service):
            pass
        rows = await service.rows("SELECT customer_id, outcome, closed_at FROM alerts WHERE closed_at IS NOT NULL")
        told = await service.rows("SELECT event_id FROM outbox WHERE topic = 'churn-alert-changed' ORDER BY 1")
        seen.append((sorted(tuple(row) for row in rows), [row.event_id for row in told]))
    assert seen[0] == seen[1]
    assert seen[0][0] == [("c-1", "consent-refused", said), ("c-3", "consent-refused", said + 3 * DAY)]


@pytest.mark.parametrize("is_taken_back", [False, True])
async def test_a_no_on_a_merged_file_closes_as_of_the_no_whatever_else_waits_for_the_same_look(
    running: Start, *, is_taken_back: bool
) -> None:
    service, said = await running("stream"), START + 230 * DAY
    for number in (1, 2):
        await lead(service, f"c-{number}", 150 if number == 1 else 60)
    await act(service, merge(1, "c-1", "c-2"))
    await deliver(service, [paid("c-1", said, initiator="automatic")])
    while await sweep(service):
        pass
    assert await alerts(service) == [("c-1", "opened", None)]
    await _hear_no(service, "c-2", said)
    if is_taken_back:
        await _hear(service, consents("c-2", revision=2, granted=["churn-care"]), said + DAY)
    later = said + 2 * DAY
    await deliver(service, [paid(one, later, initiator="automatic", transaction_no="l") for one in ("c-1", "c-2")])
    while await sweep(service):
        pass
    first, *others = await service.rows("SELECT outcome, closed_at, opened_at FROM alerts ORDER BY opened_at")
    assert (first.outcome, first.closed_at) == ("consent-refused", said)
    assert [(one.outcome, one.opened_at) for one in others] == ([(None, later)] if is_taken_back else [])
    ended = await service.rows("SELECT reason, ended_at FROM interventions ORDER BY opened_at")
    assert tuple(ended[0]) == ("consent-refused", said)
    assert (await service.rows("SELECT is_raised FROM risks WHERE customer_id = 'c-1'"))[0].is_raised is is_taken_back


async def test_of_who_is_separated_before_anybody_looks_the_no_is_the_other_files_alone(running: Start) -> None:
    service, said = await running("stream"), START + 230 * DAY
    for number in (1, 2, 3):
        await lead(service, f"c-{number}", 150 if number == 1 else 60)
    await act(service, merge(1, "c-1", "c-2", "c-3"))
    await deliver(service, [paid("c-1", said, initiator="automatic")])
    while await sweep(service):
        pass
    await _hear_no(service, "c-2", said)
    await act(service, unmerge(2, person("c-1", "c-3"), person("c-2")))
    await deliver(service, [paid("c-1", said + DAY, initiator="automatic", transaction_no="l")])
    while await sweep(service):
        pass
    assert ("c-1", "opened", None) in await alerts(service)


async def _hear_no(service: Delivering, customer_id: str, at: datetime) -> None:
    await _hear(service, consents(customer_id, refused=["churn-care"]), at)


async def _hear(service: Delivering, told: Event, at: datetime) -> None:
    """As a worker's intake has it, which knows where the partition is."""
    (arrival,) = service.arrivals([service.feed.record(told, time=at)])
    assert arrival.event is not None
    arrival.event.at = at
    state = service.runtime.composition.state
    async with service.runtime.transactions.begin(customers=[told.key]) as tx:
        await on_care_consents(tx, [arrival.event], rules=state["rules"], alerting=state["alerting"])


@pytest.fixture
async def one_customer(service: Delivering, live: Live) -> datetime:
    """c-1 fell silent, and there is an alert; c-2, silent too, was merged into it."""
    await live("c-1", until=NOW)
    await deliver(service, steady("c-2", 60))
    await act(service, merge(1, "c-1", "c-2"))
    assert await alerts(service) == [("c-1", "opened", None)]
    return NOW


@pytest.mark.usefixtures("one_customer")
async def test_a_no_on_any_file_counts_for_the_person_until_the_file_is_separated(service: Delivering) -> None:
    before = await states(service)
    await say(service, 1, allowed=False, customer_id="c-2")
    while await sweep(service):
        pass
    assert await alerts(service) == [("c-1", "closed", "consent-refused")]
    after = await states(service)
    assert after["c-1"] == before["c-1"]
    await act(service, unmerge(2, person("c-1"), person("c-2")))
    assert await alerts(service) == [("c-1", "closed", "consent-refused"), ("c-1", "opened", None)]


async def test_a_file_that_refused_brings_its_no_into_the_person(service: Delivering, live: Live) -> None:
    await live("c-1", until=NOW)
    await deliver(service, steady("c-2", 60))
    await say(service, 1, allowed=False, customer_id="c-2")
    assert await alerts(service) == [("c-1", "opened", None)]
    await act(service, merge(1, "c-1", "c-2"))
    assert await alerts(service) == [("c-1", "closed", "consent-refused")]
