"""A challenger that this release cannot read is nobody's affair but its own."""

from typing import Any

from structlog.testing import capture_logs

from scoring.comparing import NEVER
from tests.scoring.challenger.ring import CHALLENGER, begin, bring, count, enter, ring_of, shadows
from tests.scoring.facts import DAY, MONDAY, holdings, record, transaction
from tests.scoring.release.people import People
from tests.scoring.replaying import reach
from tests.support.delivering import Delivering

_SPOIL = (
    (
        "INSERT INTO scorecards (version, document, drafted_by) "
        "SELECT 9, jsonb_set(document, '{features,0,name}', '\"a-secret\"'), drafted_by "
        "FROM scorecards WHERE version = 2"
    ),
    (
        "INSERT INTO challengers (version, entered_at, begins_at, customers_total, customers_done, begun_up_to) "
        "VALUES (9, now(), now() - interval '1 hour', 0, 0, '')"
    ),
)


async def spoiled(bank: Delivering, people: Any) -> People:
    """A challenger of another release, which knows features that this one does not."""
    office: People = await people(bank)
    await office.draft(CHALLENGER)
    await bank.rows_written(*_SPOIL)
    ring_of(bank).compared_at = NEVER
    return office


async def test_an_unreadable_challenger_costs_the_banks_facts_nothing(bank: Delivering, people: Any) -> None:
    await spoiled(bank, people)
    for fact in (holdings(1, "5000.00"), transaction(MONDAY + DAY), holdings(1, "5.00", customer_id="c-2")):
        (arrival,) = await bank.deliver(record(bank, fact))
        assert arrival.fault is None
    await reach(bank, MONDAY + 60 * DAY)
    assert await bring(bank) == 0
    await count(bank)
    assert len(await bank.rows("SELECT * FROM standings")) == 2
    assert await shadows(bank) == []


async def test_it_is_told_once_in_the_log_and_never_what_its_document_says(bank: Delivering, people: Any) -> None:
    await spoiled(bank, people)
    with capture_logs() as lines:
        for number in range(1, 4):
            ring_of(bank).compared_at = NEVER
            await bank.deliver(record(bank, holdings(number, "5.00", at=MONDAY + number * DAY)))
    (said,) = [line for line in lines if "challenger" in line["event"]]
    assert (said["log_level"], said["version"], said["error"]) == ("warning", 9, "ScorecardUnreadable")
    assert "a-secret" not in str(lines)


async def test_its_page_says_what_it_breaks_and_it_can_be_stopped_and_followed_by_another(
    bank: Delivering, people: Any
) -> None:
    office = await spoiled(bank, people)
    answer = await office.analyst.get("/scorecards/9/shadow")
    assert "features.0.name" in answer.json()["fault"]
    stopped = await office.analyst.post("/scorecards/9/shadow/stop", json={"reason": "Cannot be read"})
    assert stopped.status_code == 201, stopped.text
    following = await enter(office)
    await begin(bank)
    await bank.deliver(record(bank, holdings(1, "5.00")))
    assert [one["version"] for one in await shadows(bank)] == [following]
    assert (await office.analyst.get(f"/scorecards/{following}/shadow")).json()["fault"] is None
