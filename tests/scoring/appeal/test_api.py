"""An appeal over REST: opened for the customer, due, answered once by a person who did not decide it before."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.scoring.facts import DAY, MONDAY
from tests.scoring.override.office import Office, done, office_of
from tests.scoring.replaying import reach
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

SECRET = "the salary is paid abroad"
UPHELD = {"outcome": "upheld", "reason": "decision-correct", "note": SECRET}


@pytest.fixture
async def office(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    async with office_of(bank, issuer) as found:
        yield found


async def opened(office: Office, revision: int = 1) -> str:
    body = {"revision": revision, "note": SECRET}
    appeal: str = (await done(office.channel.post("/standings/c-1/appeals", json=body)))["appeal_id"]
    return appeal


async def answer(office: Office, appeal_id: str, by: httpx.AsyncClient | None = None, **said: Any) -> httpx.Response:
    return await (by or office.officer).post(f"/appeals/{appeal_id}/answer", json=UPHELD | said)


async def listed(office: Office, query: str = "") -> list[tuple[str, bool]]:
    rows = (await office.auditor.get(f"/appeals{query}")).json()["items"]
    return [(row["appeal_id"], row["is_overdue"]) for row in rows]


async def test_an_appeal_is_due_in_fifteen_days_and_its_answer_is_kept(office: Office) -> None:
    appeal_id = await opened(office)
    shown = (await office.officer.get(f"/appeals/{appeal_id}")).json()
    assert (shown["state"], shown["note"], shown["opened_by"]) == ("open", SECRET, "app")
    assert shown["due_at"] == (MONDAY + 15 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = (await answer(office, appeal_id)).json()
    assert (made["state"], made["outcome"], made["answered_by"], made["is_overdue"]) == (
        "answered", "upheld", "dora", False,
    )  # fmt: skip
    assert (await office.officer.get(f"/appeals/{appeal_id}")).json()["answer_note"] == SECRET
    assert await listed(office) == []
    assert await listed(office, "?state=answered") == [(appeal_id, False)]


async def test_what_was_answered_is_answered_for_ever(office: Office) -> None:
    appeal_id = await opened(office)
    await done(answer(office, appeal_id))
    assert (await answer(office, appeal_id)).status_code == 409


async def test_what_is_overdue_leads_the_list_and_a_late_answer_says_so(office: Office) -> None:
    late = await opened(office)
    await reach(office.service, MONDAY + 14 * DAY)
    await office.put_on()
    in_time = await opened(office, revision=2)
    assert await listed(office) == [(late, False), (in_time, False)]
    await reach(office.service, MONDAY + 15 * DAY)
    assert await listed(office) == [(late, True), (in_time, False)]
    page = (await office.auditor.get("/appeals?limit=1")).json()
    (rest,) = (await office.auditor.get(f"/appeals?limit=1&cursor={page['next']}")).json()["items"]
    assert rest["appeal_id"] == in_time
    assert (await done(answer(office, late)))["is_overdue"]
    assert await listed(office, "?state=answered") == [(late, True)]


async def test_a_changed_decision_names_the_override_in_force_and_its_approver_does_not_answer(
    office: Office, issuer: TestIssuer
) -> None:
    appeal_id = await opened(office)
    override_id = await office.propose(reason="appeal")
    changed = {"outcome": "changed", "reason": "missing-information", "override_id": override_id}
    assert (await answer(office, appeal_id, **changed)).status_code == 409
    await office.approve(override_id)
    office.lead.headers.update(issuer.bearer("complaint_officer", subject="ben"))
    refused = await answer(office, appeal_id, office.lead, **changed)
    assert (refused.status_code, refused.json()["title"]) == (403, "Another person answers")
    assert (await done(answer(office, appeal_id, **changed)))["override_id"] == override_id


async def test_who_approved_what_is_appealed_against_does_not_answer(office: Office, issuer: TestIssuer) -> None:
    await office.put_on(tier="low")
    appeal_id = await opened(office, revision=2)
    office.lead.headers.update(issuer.bearer("complaint_officer", subject="ben"))
    assert (await answer(office, appeal_id, office.lead)).status_code == 403
    assert (await answer(office, appeal_id)).status_code == 201


async def test_who_proposed_what_is_appealed_against_does_not_answer_either(office: Office, issuer: TestIssuer) -> None:
    await office.put_on(tier="low")
    appeal_id = await opened(office, revision=2)
    office.manager.headers.update(issuer.bearer("complaint_officer", subject="ana"))
    refused = await answer(office, appeal_id, office.manager)
    assert (refused.status_code, refused.json()["title"]) == (403, "Another person answers")


async def test_who_proposes_another_tier_at_the_review_answers_with_it(office: Office, issuer: TestIssuer) -> None:
    appeal_id = await opened(office)
    office.manager.headers.update(issuer.bearer("complaint_officer", subject="ana"))
    override_id = await office.put_on(reason="appeal")
    changed = {"outcome": "changed", "reason": "circumstances", "override_id": override_id}
    assert (await done(answer(office, appeal_id, office.manager, **changed)))["answered_by"] == "ana"


async def test_without_a_revision_the_latest_decision_is_meant(office: Office) -> None:
    await office.put_on(tier="low")
    assert (await done(office.channel.post("/standings/c-1/appeals", json={})))["revision"] == 2


async def test_a_channel_shows_the_customer_why_and_has_no_words_for_staff(office: Office) -> None:
    shown = (await office.channel.get("/standings/c-1/explanation")).json()
    assert shown["texts"]["customer"]["zh"] and shown["revision"] == 1
    assert shown["texts"]["staff"] is None
    assert (await office.auditor.get("/standings/c-1/explanation")).json()["texts"]["staff"]["en"]
    assert (await office.channel.get("/standings/c-1")).status_code == 403
    opened_by_it = await done(office.channel.post("/standings/c-1/appeals", json={"revision": shown["revision"]}))
    assert opened_by_it["state"] == "open"


async def test_a_channel_sees_what_it_opened_and_how_it_was_answered(office: Office, issuer: TestIssuer) -> None:
    appeal_id = await opened(office)
    await done(answer(office, appeal_id))
    seen = (await office.channel.get(f"/appeals/{appeal_id}")).json()
    assert (seen["state"], seen["outcome"], seen["note"], seen["answer_note"]) == ("answered", "upheld", SECRET, None)
    office.channel.headers.update(issuer.bearer("channel", subject="another app", customer_id="c-1"))
    assert (await office.channel.get(f"/appeals/{appeal_id}")).status_code == 404


async def test_a_decision_is_reviewed_once_at_a_time(office: Office) -> None:
    appeal_id = await opened(office)
    assert (await office.manager.post("/standings/c-1/appeals", json={"revision": 1})).status_code == 409
    await done(answer(office, appeal_id))
    assert (await office.manager.post("/standings/c-1/appeals", json={"revision": 1})).status_code == 201


async def test_a_repeat_with_the_same_key_opens_no_second_review(office: Office) -> None:
    send = {"json": {"revision": 1}, "headers": {"Idempotency-Key": "k-1"}}
    answers = [await office.channel.post("/standings/c-1/appeals", **send) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


async def test_what_is_unknown_or_malformed_is_refused(office: Office) -> None:
    unknown = "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11"
    assert (await office.channel.post("/standings/c-1/appeals", json={"revision": 9})).status_code == 404
    assert (await office.officer.post("/standings/nobody/appeals", json={"revision": 1})).status_code == 404
    assert (await office.officer.get(f"/appeals/{unknown}")).status_code == 404
    assert (await answer(office, unknown)).status_code == 404
    appeal_id = await opened(office)
    assert (await answer(office, appeal_id, outcome="changed")).status_code == 422
    assert (await answer(office, appeal_id, override_id=unknown)).status_code == 422
    assert (await answer(office, appeal_id, reason="because")).status_code == 422
    assert (await answer(office, appeal_id, office.manager)).status_code == 403
    assert (await office.auditor.get("/appeals?cursor=WyIxIiwiMiJd")).status_code == 422
