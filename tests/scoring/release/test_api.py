"""The life of a version over REST: two people, a dry-run between them, and everything they did is kept."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import DBAPIError

from scoring.release.handlers.jobs import score_book
from tests.scoring.facts import deliver, holdings
from tests.scoring.release.people import FIRST, STRICTER, People, soon
from tests.support.delivering import Delivering


@pytest.fixture
async def office(bank: Delivering, people: Any) -> People:
    """Over a book of 40 customers with 60 points and 20 with 90."""
    now = datetime.now(UTC)
    small = [holdings(1, "5000.00", customer_id=f"c-{n}", at=now) for n in range(40)]
    large = [holdings(1, "500000.00", customer_id=f"d-{n}", at=now) for n in range(20)]
    await deliver(bank, *small, *large)
    found: People = await people(bank)
    return found


async def test_a_version_is_drafted_dry_run_approved_and_listed(office: People) -> None:
    answer = await office.analyst.post("/scorecards", json=STRICTER)
    assert (answer.status_code, answer.headers["Location"]) == (201, "/scorecards/2")
    made = answer.json()
    assert (made["version"], made["status"], made["effective_from"], made["drafted_by"]) == (2, "draft", None, "ana")
    shown = (await office.reader.get("/scorecards/2")).json()
    assert {name: shown[name] for name in STRICTER} == STRICTER
    assert (shown["status"], shown["effective_from"]) == ("draft", None)
    await office.dry_run(2)
    effective_from = soon()
    approved = (await office.approve(2, effective_from)).json()
    assert (approved["status"], datetime.fromisoformat(approved["effective_from"])) == ("approved", effective_from)
    assert await office.status() == {2: "approved", 1: "approved"}
    await office.service.rows_written("UPDATE scorecards SET effective_from = now() WHERE version = 2")
    assert await office.status() == {2: "approved", 1: "superseded"}


async def test_every_fault_of_a_draft_is_listed_and_nothing_is_kept(office: People) -> None:
    wrong = deepcopy(STRICTER) | {"pdo": 30, "surprise": 1, "version": 7}
    wrong["features"][0] |= {"name": "shoe_size", "points": [0, 90, 60]}
    wrong["thresholds"]["band"] = 60
    answer = await office.analyst.post("/scorecards", json=wrong)
    faults = {fault["field"]: fault["reason"] for fault in answer.json()["errors"]}
    assert answer.status_code == 422
    assert set(faults) == {
        "pdo",
        "surprise",
        "version",
        "features.0.name",
        "features.0.points",
        "thresholds.band",
        "thresholds.tiers.1.from",
        "thresholds.tiers.2.from",
    }
    assert faults["features.0.points"].startswith("are not monotone")
    answer = await office.analyst.post("/scorecards", json=STRICTER | {"name": "other", "currency": "USD"})
    assert {fault["field"] for fault in answer.json()["errors"]} == {"name", "currency"}
    assert await office.status() == {}


async def test_a_dry_run_says_who_would_move_and_touches_no_standing(office: People) -> None:
    everything = (
        "SELECT to_jsonb(s), to_jsonb(d) FROM standings s JOIN due_times d USING (customer_id) ORDER BY customer_id"
    )
    before = await office.service.rows(everything)
    found = await office.dry_run(await office.draft())
    assert found["moves"] == [
        {"old_tier": "high", "tier": "high", "customers": 20},
        {"old_tier": "middle", "tier": "low", "customers": 40},
    ]
    assert found["points"] == [
        {"start": 60, "present": 40, "draft": 40},
        {"start": 90, "present": 20, "draft": 20},
    ]
    assert (found["customers_moved"], found["share_moved"], found["against"]) == (40, pytest.approx(2 / 3), 1)
    assert (found["customers_done"], found["customers_total"], found["finished_at"] is not None) == (60, 60, True)
    assert await office.service.rows(everything) == before
    same = await office.dry_run(await office.draft(FIRST))
    assert (same["customers_moved"], same["share_moved"]) == (0, 0.0)


async def test_a_dry_run_goes_on_where_it_was_and_shows_how_far_it_is(office: People) -> None:
    now = datetime.now(UTC)
    await deliver(office.service, *[holdings(1, "5.00", customer_id=f"e-{n}", at=now) for n in range(1000)])
    version = await office.draft()
    assert (await office.reader.get(f"/scorecards/{version}/dry-run")).status_code == 404
    await office.analyst.post(f"/scorecards/{version}/dry-run")
    seen = []
    for _ in range(3):
        assert await score_book(office.service.runtime.transactions, rules=office.rules)
        shown = (await office.reader.get(f"/scorecards/{version}/dry-run")).json()
        seen.append((shown["customers_done"], shown["customers_total"], shown["finished_at"] is None))
    assert seen == [(500, 1060, True), (1000, 1060, True), (1060, 1060, False)]
    assert not await score_book(office.service.runtime.transactions, rules=office.rules)


async def test_who_drafted_cannot_approve_and_who_only_reads_can_do_neither(office: People) -> None:
    answer = await office.approver.post("/scorecards", json=STRICTER)
    assert (answer.status_code, answer.json()["drafted_by"]) == (201, "ben")
    await office.dry_run(2)
    answer = await office.approve(2, soon())
    assert (answer.status_code, answer.json()["title"]) == (403, "A second person approves")
    assert (await office.approve(2, soon(), by=office.analyst)).status_code == 403
    assert (await office.reader.post("/scorecards", json=STRICTER)).status_code == 403
    assert await office.status() == {2: "draft", 1: "approved"}


def refused(answer: httpx.Response) -> dict[str, str]:
    """Everything that speaks against an approval, by field."""
    assert (answer.status_code, answer.json()["title"]) == (409, "The approval is refused")
    return {fault["field"]: fault["reason"] for fault in answer.json()["errors"]}


async def test_without_a_finished_dry_run_nothing_is_approved(office: People) -> None:
    version = await office.draft()
    assert "is not finished" in refused(await office.approve(version, soon()))["dry_run"]
    await office.analyst.post(f"/scorecards/{version}/dry-run")
    assert "is not finished" in refused(await office.approve(version, soon()))["dry_run"]
    await office.dry_run(version)
    await office.service.rows_written("UPDATE scorecard_dry_runs SET against = 9")
    assert "is outdated" in refused(await office.approve(version, soon()))["dry_run"]


async def test_more_than_the_stated_share_moves_only_with_force(office: People) -> None:
    version = await office.draft()
    await office.dry_run(version)
    faults = refused(await office.approve(version, soon(), forced=False))
    assert faults == {"forced": "is needed: 66.7% of the customers would move to another tier, and at most 10.0% may"}
    assert (await office.approve(version, soon(), forced=True)).status_code == 201
    again = await office.approve(version, soon())
    assert (again.status_code, again.json()["title"]) == (409, "The version is not a draft")
    version = await office.draft(FIRST | {"reason": "Moves nobody"})
    await office.dry_run(version)
    assert (await office.approve(version, soon(9), forced=False)).status_code == 201


async def test_a_date_lies_a_minute_ahead_and_after_the_version_before(office: People) -> None:
    first, second = await office.draft(), await office.draft(FIRST)
    for version in (first, second):
        await office.dry_run(version)
    for moment in (soon(-60), soon(0.9)):
        faults = refused(await office.approve(second, moment))
        assert faults == {"effective_from": "does not lie 60 seconds ahead"}
    assert (await office.approve(second, soon(10))).status_code == 201
    third = await office.draft()
    await office.dry_run(third)
    assert "after that of version 3" in refused(await office.approve(third, soon(5)))["effective_from"]


_NO_MOMENTS = ["9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59.999999Z", "3000-01-01T00:00:00Z"]


@pytest.mark.parametrize("moment", [*_NO_MOMENTS, "2026-07-01T00:00:00", "tomorrow"])
async def test_a_date_without_a_zone_or_at_the_end_of_all_calendars_is_malformed(office: People, moment: str) -> None:
    said = {"effective_from": moment, "reason": "Seen"}
    answer = await office.approver.post("/scorecards/1/approve", json=said)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "effective_from")


async def test_all_that_speaks_against_an_approval_is_listed_at_once(office: People) -> None:
    first, second = await office.draft(), await office.draft(FIRST)
    for version in (first, second):
        await office.dry_run(version)
    assert (await office.approve(second, soon(10))).status_code == 201
    faults = refused(await office.approve(first, soon(0), forced=False))
    assert set(faults) == {"version", "effective_from", "forced"}


async def test_what_decides_cannot_be_withdrawn_and_what_never_did_not_be_gone_back_to(office: People) -> None:
    draft = await office.draft()
    answer = await office.analyst.post("/scorecards/1/withdraw", json={"reason": "No longer"})
    assert (answer.status_code, answer.json()["title"]) == (409, "The version is in force")
    for version in (draft, 99):
        answer = await office.analyst.post("/scorecards/rollback", json={"version": version, "reason": "Back"})
        assert (answer.status_code, answer.json()["title"]) == (422, "The version never decided")
    withdrawn = await office.analyst.post(f"/scorecards/{draft}/withdraw", json={"reason": "A mistake"})
    assert withdrawn.json()["status"] == "withdrawn"
    for act in ("dry-run", "withdraw"):
        answer = await office.analyst.post(f"/scorecards/{draft}/{act}", json={"reason": "Again"})
        assert (answer.status_code, answer.json()["title"]) == (409, "The version is not a draft")
    assert await office.status() == {2: "withdrawn", 1: "approved"}
    assert await office.draft() == 3


async def test_a_version_that_never_was_is_404_whatever_is_asked_of_it(office: People) -> None:
    said = {"reason": "Seen", "effective_from": soon().isoformat()}
    for act, body in (("dry-run", None), ("withdraw", {"reason": "Seen"}), ("approve", said)):
        client = office.approver
        assert (await client.post(f"/scorecards/9/{act}", json=body)).status_code == 404
    for shown in ("", "/dry-run", "/acts"):
        assert (await office.reader.get(f"/scorecards/9{shown}")).status_code == 404


async def test_a_draft_sent_twice_under_one_key_is_one_draft(office: People) -> None:
    headers = {"Idempotency-Key": "draft-1"}
    answers = [await office.analyst.post("/scorecards", json=STRICTER, headers=headers) for _ in range(2)]
    assert [answer.json()["version"] for answer in answers] == [2, 2]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert await office.status() == {2: "draft", 1: "approved"}


async def test_who_did_what_when_and_why_is_kept_for_ever(office: People) -> None:
    version = await office.draft()
    await office.dry_run(version)
    at = soon()
    await office.approve(version, at)
    acts = (await office.reader.get(f"/scorecards/{version}/acts")).json()["items"]
    assert [(act["act"], act["done_by"]) for act in acts] == [
        ("approved", "ben"),
        ("dry-run", "ana"),
        ("drafted", "ana"),
    ]
    assert [act["reason"] for act in acts] == ["Seen and approved", None, STRICTER["reason"]]
    assert acts[0]["details"] == {
        "effective_from": at.isoformat(),
        "forced": True,
        "share_moved": pytest.approx(2 / 3),
    }
    assert datetime.now(UTC) - datetime.fromisoformat(acts[0]["done_at"]) < timedelta(minutes=1)
    answer = await office.analyst.post("/scorecards/rollback", json={"version": 1, "reason": "Back to the first"})
    assert answer.json()["reason"] == "Back to the first"
    (act,) = (await office.reader.get(f"/scorecards/{answer.json()['version']}/acts")).json()["items"]
    assert (act["act"], act["details"]) == ("drafted", {"content_of": 1})
    for statement in ("UPDATE scorecard_acts SET done_by = 'eve'", "DELETE FROM scorecard_acts"):
        with pytest.raises(DBAPIError, match="only grows"):
            await office.service.rows_written(statement)
