"""What speaks against doing anything for a customer is heeded where it begins, and word by word."""

from datetime import datetime
from pathlib import Path

import pytest

from churn_alert.intervention.handlers.opening import note_pitch
from rapport.messaging.offsets import move_clocks
from tests.churn_alert.conftest import Live
from tests.churn_alert.intervention.books import REPAIR, written
from tests.churn_alert.intervention.conftest import SILENT, Told, profiled
from tests.churn_alert.lives import DAY, paid
from tests.churn_alert.risk.test_handlers import sweep
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.grouping import merge
from tests.support.serving import Start

BEFORE = SILENT - 200 * DAY
CROSS = REPAIR | {"purpose": "cross-selling"}
PITCH = REPAIR | {"node": "product-pitch", "kind": "product-advice"}
PITCHES = [
    PITCH | {"playbook": f"after-a-pitch-{purpose}", "purpose": purpose}
    for purpose in ("cross-selling", "contract-performance")
]


@pytest.fixture
async def service(running: Start, tmp_path: Path) -> Delivering:
    """What is done about a warning rests on another consent than the warning."""
    return await running("stream", playbooks=written(tmp_path, CROSS, *PITCHES))


async def test_an_alert_begins_nothing_that_rests_on_what_the_customer_refuses(
    service: Delivering, live: Live, told: Told
) -> None:
    no = consents("c-1", refused=["cross-selling"], at=BEFORE)
    await service.deliver(service.feed.record(no, time=BEFORE))
    await live("c-1", until=SILENT)
    await live("c-2", until=SILENT)
    assert [row.customer_id for row in await service.rows("SELECT customer_id FROM alerts ORDER BY 1")] == [
        "c-1",
        "c-2",
    ]
    assert {fact["customer_id"] for fact in await told()} == {"c-2"}
    taken = await service.rows("SELECT playbook, experiment, arm FROM alerts WHERE customer_id = 'c-1'")
    assert [tuple(row) for row in taken] == [(None, None, None)], "nobody counts as treated without treatment"


@pytest.mark.parametrize(
    ("refused", "begun"),
    [
        ([], ["after-a-pitch-cross-selling"]),
        (["cross-selling"], ["after-a-pitch-contract-performance"]),
        (["cross-selling", "contract-performance"], []),
    ],
)
async def test_whoever_refuses_what_the_first_playbook_of_an_occasion_rests_on_has_the_next_that_fits(
    service: Delivering, told: Told, refused: list[str], begun: list[str]
) -> None:
    await service.deliver(service.feed.record(paid("c-1", BEFORE), time=BEFORE))
    await service.deliver(service.feed.record(consents("c-1", refused=refused, at=BEFORE), time=BEFORE))
    shelf = service.runtime.composition.state["playbooks"][1]
    async with service.runtime.transactions.begin(customers=["c-1"]) as tx:
        await note_pitch(tx, "c-1", "WM-30D", shelf=shelf)
    assert [fact["playbook"] for fact in await told() if fact["change"] == "proposed"] == begun


@pytest.mark.parametrize("looks_late", [False, True])
async def test_a_no_to_what_something_rests_on_ends_it_though_it_is_said_on_another_file_and_moves_no_risk(
    service: Delivering, told: Told, looks_late: bool
) -> None:
    await service.deliver(*(service.feed.record(paid(one, BEFORE), time=BEFORE) for one in ("c-1", "c-2")))
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))
    shelf = service.runtime.composition.state["playbooks"][1]
    async with service.runtime.transactions.begin(customers=["c-1"]) as tx:
        await note_pitch(tx, "c-1", "WM-30D", shelf=shelf)
    said = BEFORE + DAY
    (arrival,) = service.arrivals([service.feed.record(consents("c-2", refused=["cross-selling"], at=said), time=said)])
    assert arrival.event is not None
    arrival.event.at = said
    async with service.runtime.transactions.begin(customers=["c-2"]) as tx:
        await service.poll.handle(tx, [arrival.event])
    (before,) = await service.rows("SELECT decided_at FROM risks WHERE customer_id = 'c-1'")
    for days in [3] if looks_late else [0, 3]:
        await _until(service, said + days * DAY)
    ended = [fact for fact in await told() if fact["status"] == "cancelled"]
    assert [(fact["customer_id"], fact["reason"], fact["changed_at"]) for fact in ended] == [
        ("c-1", "consent-refused", said.isoformat().replace("+00:00", "Z"))
    ]
    assert await service.rows("SELECT decided_at FROM risks WHERE customer_id = 'c-1'") == [before]
    assert await service.rows("SELECT 1 FROM person_due_times") == []


async def _until(service: Delivering, at: datetime) -> None:
    """Events came until then, and everybody was looked at."""
    async with service.runtime.engine.begin() as connection:
        await move_clocks(connection, dict.fromkeys(range(24), at))
    while await sweep(service):
        pass


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_no_that_is_taken_back_in_the_same_poll_ended_what_was_done_all_the_same(
    service: Delivering, live: Live, told: Told, at_once: bool
) -> None:
    await live("c-1", until=SILENT)
    words = [
        consents("c-1", revision=1, refused=["cross-selling"]),
        consents("c-1", revision=2, granted=["cross-selling"]),
    ]
    records = [service.feed.record(word, time=SILENT + (1 + place) * DAY) for place, word in enumerate(words)]
    for part in [records] if at_once else [[record] for record in records]:
        await service.deliver(*part)
    last = (await told())[-1]
    assert (last["status"], last["reason"]) == ("cancelled", "consent-refused")


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_restriction_that_is_lifted_in_the_same_poll_closed_the_alert_all_the_same(
    service: Delivering, live: Live, at_once: bool
) -> None:
    await live("c-1", until=SILENT)
    words = [profiled("c-1", None, 1, relationship="restricted"), profiled("c-1", None, 2, relationship="active")]
    records = [service.feed.record(word, time=SILENT + (1 + place) * DAY) for place, word in enumerate(words)]
    for part in [records] if at_once else [[record] for record in records]:
        await service.deliver(*part)
    outcomes = await service.rows("SELECT outcome FROM alerts WHERE customer_id = 'c-1' ORDER BY opened_at")
    assert outcomes[0].outcome == "restricted"
