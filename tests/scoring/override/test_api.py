"""An override over REST: two people, in force at once, over as of its moment, and all of it kept."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from tests.scoring.facts import DAY, MONDAY, told
from tests.scoring.override.office import SECRET, UNTIL, WANTED, Office, done, office_of
from tests.scoring.replaying import reach, sweep
from tests.support.delivering import Delivering
from tests.support.serving import Start
from tests.support.tokens import TestIssuer


@pytest.fixture
async def office(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    async with office_of(bank, issuer) as found:
        yield found


async def test_what_one_person_proposes_counts_when_another_approves_it_and_is_told(office: Office) -> None:
    answer = await office.manager.post("/standings/c-1/overrides", json=WANTED)
    made = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/overrides/{made['override_id']}")
    assert (made["state"], made["proposed_by"], made["acts"]) == ("proposed", "ana", [])
    assert (await office.shown())["tier"] == "middle"
    approved = await office.approve(made["override_id"])
    (act,) = approved["acts"]
    assert (approved["state"], act["act"], act["done_by"], act["revision"]) == ("in-force", "approved", "ben", 2)
    shown = await office.shown()
    assert (shown["tier"], shown["scorecard_tier"], shown["points"]) == ("high", "middle", 60)
    assert datetime.fromisoformat(shown["override_until"]) == UNTIL
    *_, fact = await told(office.service)
    assert (fact["old_tier"], fact["tier"], fact["cause"], fact["revision"]) == ("middle", "high", "override", 2)
    assert await office.decisions() == [(None, "middle", "event", 0), ("middle", "high", "override", 0)]
    assert [row["customer_id"] for row in (await office.auditor.get("/standings?tier=high")).json()["items"]] == ["c-1"]


async def test_it_ends_by_the_sweep_as_of_its_moment_where_the_scorecard_has_come_to(office: Office) -> None:
    override_id = await office.put_on()
    await office.hold(2, "10.00", MONDAY + 10 * DAY)
    assert (await office.shown())["tier"] == "high"
    await reach(office.service, MONDAY + 75 * DAY)
    assert (await office.decisions())[2:] == [("high", "low", "override", 60)]
    assert await office.state(override_id) == "ended"
    assert await sweep(office.service) == 0
    (row,) = await office.service.rows("SELECT * FROM standings")
    assert (row.override_id, row.override_until, row.scorecard_tier) == (None, None, "low")
    assert row.scorecard_since == MONDAY + 10 * DAY
    assert row.tier_since == UNTIL


async def test_by_the_clock_on_the_wall_it_ends_as_of_its_moment_too(
    running: Start, cards: Path, issuer: TestIssuer
) -> None:
    async with office_of(await running("wall", scorecards=cards), issuer) as office:
        until = datetime.now(UTC) + timedelta(seconds=3)
        await office.put_on(until=until.isoformat())
        assert (await office.shown())["tier"] == "high"
        await asyncio.sleep((until - datetime.now(UTC)).total_seconds() + 0.1)
        assert await sweep(office.service) == 1
        *_, ended = await office.service.rows("SELECT * FROM decisions ORDER BY revision")
        assert (ended.tier, ended.cause, ended.decided_at) == ("middle", "override", until)
        assert ended.known_at > until


async def test_people_are_told_that_it_was_people_who_moved_the_customer(office: Office) -> None:
    await office.put_on(until=(MONDAY + DAY).isoformat())
    await reach(office.service, MONDAY + 2 * DAY)
    ended, begun, _ = (await office.auditor.get("/standings/c-1/history")).json()["items"]
    assert begun["explanation"].startswith("The customer rose from middle to high on 2025-03-03 by people's override, ")
    assert ended["explanation"].startswith("The customer fell from high to middle on 2025-03-04 as people's override ")
    assert {begun["cause"], ended["cause"]} == {"override"}


async def test_what_is_revoked_ends_at_once(office: Office) -> None:
    override_id = await office.put_on()
    assert (await office.lead.post(f"/overrides/{override_id}/revoke", json={})).status_code == 422
    revoked = await done(office.lead.post(f"/overrides/{override_id}/revoke", json={"reason": "wrong-tier"}))
    assert (revoked["state"], [act["act"] for act in revoked["acts"]]) == ("revoked", ["approved", "revoked"])
    assert (await office.shown())["tier"] == "middle"
    again = await office.lead.post(f"/overrides/{override_id}/revoke", json={"reason": "wrong-tier"})
    assert again.status_code == 409


async def test_a_later_override_replaces_the_one_in_force(office: Office) -> None:
    first, second = await office.put_on(), await office.propose(tier="low")
    await office.approve(second)
    assert [await office.state(one) for one in (first, second)] == ["replaced", "in-force"]
    assert (await office.shown())["tier"] == "low"


async def test_nobody_decides_on_their_own_proposal_and_it_takes_the_role(office: Office) -> None:
    own = (await done(office.lead.post("/standings/c-1/overrides", json=WANTED)))["override_id"]
    for act, body in (("approve", None), ("reject", {"reason": "not-justified"})):
        answer = await office.lead.post(f"/overrides/{own}/{act}", json=body)
        assert (answer.status_code, answer.json()["title"]) == (403, "A second person decides")
        assert (await office.manager.post(f"/overrides/{own}/{act}", json=body)).status_code == 403
    assert (await office.auditor.post("/standings/c-1/overrides", json=WANTED)).status_code == 403
    assert await office.state(own) == "proposed"


async def test_what_was_decided_on_is_not_decided_on_again(office: Office) -> None:
    override_id = await office.propose()
    await done(office.lead.post(f"/overrides/{override_id}/reject", json={"reason": "not-justified"}))
    assert (await office.lead.post(f"/overrides/{override_id}/approve")).status_code == 409
    assert (await office.shown())["tier"] == "middle"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tier", "gold"),
        ("reason", "because"),
        ("until", MONDAY.isoformat()),
        ("until", (MONDAY + timedelta(days=180, seconds=1)).isoformat()),
        ("until", "2025-04-01T00:00:00"),
        ("surprise", 1),
    ],
)
async def test_what_can_be_no_override_is_refused_by_its_field(office: Office, field: str, value: Any) -> None:
    answer = await office.manager.post("/standings/c-1/overrides", json=WANTED | {field: value})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert SECRET not in answer.text


async def test_what_is_unknown_is_not_found(office: Office) -> None:
    nobody = "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11"
    assert (await office.manager.post("/standings/nobody/overrides", json=WANTED)).status_code == 404
    assert (await office.auditor.get("/standings/nobody/overrides")).status_code == 404
    assert (await office.auditor.get(f"/overrides/{nobody}")).status_code == 404
    assert (await office.lead.post(f"/overrides/{nobody}/approve")).status_code == 404


async def test_a_proposal_whose_time_is_over_is_not_approved(office: Office) -> None:
    override_id = await office.propose(until=(MONDAY + DAY).isoformat())
    await reach(office.service, MONDAY + 2 * DAY)
    answer = await office.lead.post(f"/overrides/{override_id}/approve")
    assert (answer.status_code, "until: does not lie ahead" in answer.json()["detail"]) == (409, True)


async def test_lists_go_by_state_and_by_customer_page_by_page(office: Office) -> None:
    first, second, third = await office.put_on(), await office.propose(), await office.propose()
    waiting = (await office.auditor.get("/overrides?state=proposed")).json()["items"]
    assert [item["override_id"] for item in waiting] == [third, second]
    page = (await office.auditor.get("/standings/c-1/overrides?limit=2")).json()
    rest = (await office.auditor.get(f"/standings/c-1/overrides?limit=2&cursor={page['next']}")).json()
    assert [item["override_id"] for item in page["items"] + rest["items"]] == [third, second, first]
    assert (rest["next"], SECRET in str(page)) == (None, False)


async def test_the_note_is_encrypted_and_shown_to_who_decides_alone(
    office: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    override_id = await office.put_on()
    assert (await office.lead.get(f"/overrides/{override_id}")).json()["note"] == SECRET
    for table in ("overrides", "override_acts", "decisions", "standings", "outbox"):
        ((kept,),) = await office.service.rows(f"SELECT string_agg(t::text, '') FROM {table} t")
        assert kept and SECRET not in kept and SECRET.encode().hex() not in kept
    logged = "".join(capfd.readouterr())
    assert "/overrides/{override_id}/approve" in logged and SECRET not in logged
    await office.service.rows_written("DELETE FROM data_keys")
    assert (await office.lead.get(f"/overrides/{override_id}")).json()["note"] is None


async def test_a_repeat_of_a_request_proposes_once(office: Office) -> None:
    headers = {"Idempotency-Key": "k-1"}
    answers = [await office.manager.post("/standings/c-1/overrides", json=WANTED, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await office.auditor.get("/overrides")).json()["items"]) == 1


@pytest.mark.parametrize("table", ["overrides", "override_acts", "appeals", "appeal_answers"])
async def test_what_people_did_is_never_altered(office: Office, table: str) -> None:
    await office.put_on()
    opened = await office.channel.post("/standings/c-1/appeals", json={"revision": 1})
    upheld = {"outcome": "upheld", "reason": "decision-correct"}
    answered = await office.officer.post(f"/appeals/{opened.json()['appeal_id']}/answer", json=upheld)
    assert answered.status_code == 201
    for change in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(DBAPIError, match=r"only grows|permission denied"):
            await office.service.rows_written(change)
