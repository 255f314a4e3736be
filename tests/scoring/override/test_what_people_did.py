"""Each decision that people moved keeps what they did, and tells it in both languages, to the customer and to staff."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from scoring.standing.domain.people import PeopleAct
from scoring.standing.domain.phrases import ACTS
from tests.scoring.facts import DAY, MONDAY
from tests.scoring.override.office import Office, done, office_of
from tests.scoring.replaying import reach
from tests.scoring.standing.remaking import remade
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


@pytest.fixture
async def office(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    async with office_of(bank, issuer) as found:
        yield found


async def demand_told(office: Office, act: PeopleAct, cause: str, customer_id: str = "c-1") -> None:
    """The latest decision and the explanation both name it, and what was stored beside it can be made again."""
    latest = (await office.auditor.get(f"/standings/{customer_id}/history")).json()["items"][0]
    explanation = (await office.auditor.get(f"/standings/{customer_id}/explanation")).json()
    assert (latest["people_act"], latest["cause"], explanation["people_act"]) == (act, cause, act)
    for texts in (latest["texts"], explanation["texts"]):
        for spoken in (texts["customer"], texts["staff"]):
            assert ACTS[act].en in spoken["en"] and ACTS[act].zh in spoken["zh"]
    (row,) = await office.service.rows(
        f"SELECT * FROM decisions WHERE customer_id = '{customer_id}' ORDER BY revision DESC LIMIT 1"
    )
    rules = office.service.runtime.composition.state["rules"]
    again: dict[str, Any] = remade(rules, row.values, row.old_tier, row.below_since, row.decided_at)._asdict()
    del again["tier"]  # points did not give it
    assert again == {name: getattr(row, name) for name in again}


async def test_what_the_scorecard_decided_has_nothing_that_people_did(office: Office) -> None:
    (first,) = (await office.auditor.get("/standings/c-1/history")).json()["items"]
    assert (first["people_act"], first["cause"]) == (None, "event")


async def test_an_override_that_began_and_one_that_replaced_it_are_told_apart(office: Office) -> None:
    await office.put_on()
    await demand_told(office, "override-began", "override")
    await office.put_on(tier="low")
    await demand_told(office, "override-replaced", "override")


async def test_an_override_that_ended_by_time_is_told_as_ended_by_time(office: Office) -> None:
    await office.put_on(until=(MONDAY + DAY).isoformat())
    await reach(office.service, MONDAY + 2 * DAY)
    await demand_told(office, "override-ended", "override")


async def test_an_override_that_was_revoked_is_told_as_taken_back_by_people(office: Office) -> None:
    override_id = await office.put_on()
    await done(office.lead.post(f"/overrides/{override_id}/revoke", json={"reason": "wrong-tier"}))
    await demand_told(office, "override-revoked", "override")


async def test_a_first_tier_of_who_had_refused_is_told_as_of_the_refusal(office: Office) -> None:
    await office.profile(refuses=True, revision=1, customer_id="c-2")
    await demand_told(office, "automation-refused", "event", "c-2")


async def test_a_refusal_that_was_taken_back_is_told_as_taken_back(office: Office) -> None:
    await office.profile(refuses=True, revision=1)
    await office.hold(2, "500000.00", MONDAY + DAY)
    await office.profile(refuses=False, revision=2)
    await demand_told(office, "refusal-withdrawn", "event")


async def test_a_decision_stored_before_that_was_kept_has_the_words_of_before(office: Office) -> None:
    await office.put_on()
    await office.service.rows_written("UPDATE decisions SET people_act = NULL")
    latest = (await office.auditor.get("/standings/c-1/history")).json()["items"][0]
    assert (latest["people_act"], latest["cause"]) == (None, "override")
    assert "An override by people of the bank began or ended." in latest["texts"]["staff"]["en"]
    assert "人工评定生效或结束" in latest["texts"]["customer"]["zh"]
    assert (await office.auditor.get("/standings/c-1/explanation")).json()["people_act"] is None


async def test_nothing_else_can_be_stored_as_what_people_did(office: Office) -> None:
    with pytest.raises(IntegrityError, match="decisions_people_act"):
        await office.service.rows_written("UPDATE decisions SET people_act = 'guessed'")
