"""A steward's queue: a fault opens an issue, a later record that is right closes it, a wrong one opens it again."""

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from customer_profile.quality.handlers import count_book
from rapport.database import create_engine
from rapport.messaging.transaction import Transactions
from rapport.row_security import secured
from rapport.web.scopes import ROLE_SCOPES
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, account, customer, record, resident_id
from tests.customer_profile.merge.test_ecif import word
from tests.customer_profile.test_privacy import everything_stored
from tests.support.delivering import Delivering
from tests.support.serving import Start
from tests.support.tokens import TestIssuer

SOUND = ZHANG.model_copy(update={"id_number": resident_id("11010119900307123")})
WRONG = ZHANG.model_copy(update={"id_number": SOUND.id_number[:-1] + ("1" if SOUND.id_number[-1] == "0" else "0")})
MENDED, WAIVED = {"outcome": "corrected-here", "note": "paper-seen"}, {"outcome": "waived", "note": "not-a-fault"}
PAPER = {"channel": "branch", "evidence_digest": "a" * 64}


@pytest.fixture
def other(issuer: TestIssuer) -> dict[str, str]:
    """Another steward."""
    return issuer.bearer("data_admin", subject="e-8")


async def issues(api: httpx.AsyncClient, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get("/data-quality/issues", params=wanted)).json()["items"]
    return found


async def the_issue(api: httpx.AsyncClient) -> dict[str, Any]:
    (issue,) = await issues(api)
    return issue


async def act(api: httpx.AsyncClient, issue: dict[str, Any], verb: str, **asked: Any) -> httpx.Response:
    return await api.post(f"/data-quality/issues/{issue['issue_id']}/{verb}", **asked)


async def wrong(service: Delivering, hours: int = 0) -> None:
    await service.deliver(record(service, customer(identity=WRONG, recorded_at=MONDAY + hours * HOUR)))


async def right(service: Delivering, hours: int = 1) -> None:
    await service.deliver(record(service, customer(identity=SOUND, recorded_at=MONDAY + hours * HOUR)))


async def test_a_fault_opens_an_issue_that_says_which_and_never_what(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await wrong(service)
    issue = await the_issue(api)
    said = ("customer_id", "attribute", "fault", "source", "state", "by", "outcome", "note")
    assert [issue[name] for name in said] == ["c-1", "id_number", "check-digit", "core", "open", None, None, None]
    dump = await everything_stored(service)
    assert WRONG.id_number not in dump["quality_issues"]


async def test_it_closes_by_itself_and_opens_again(service: Delivering, api: httpx.AsyncClient) -> None:
    await wrong(service)
    await act(api, await the_issue(api), "claim")
    await right(service)
    closed = await the_issue(api)
    assert (closed["state"], closed["outcome"], closed["by"]) == ("resolved", "later-record", None)
    await wrong(service, hours=2)
    again = await the_issue(api)
    assert (again["state"], again["outcome"], again["issue_id"]) == ("open", None, closed["issue_id"])
    assert again["first_seen_at"] == closed["first_seen_at"] < again["last_seen_at"]


async def test_the_queue_is_the_same_whatever_order_records_come_in(running: Start) -> None:
    told = [(0, WRONG), (1, SOUND), (2, WRONG.model_copy(update={"phone": "+999123456789"}))]
    found = set()
    for order in permutations(told):
        service = await running()
        for hours, identity in order:
            await service.deliver(record(service, customer(identity=identity, recorded_at=MONDAY + hours * HOUR)))
        rows = await service.rows("SELECT attribute, fault, state FROM quality_issues ORDER BY 1, 2")
        found.add(tuple(map(tuple, rows)))
    assert found == {(("id_number", "check-digit", "open"), ("phone", "phone", "open"))}


async def test_one_steward_has_it_until_it_is_ended(
    service: Delivering, api: httpx.AsyncClient, other: dict[str, str]
) -> None:
    await wrong(service)
    issue = await the_issue(api)
    for _ in range(2):
        assert (await act(api, issue, "claim")).json()["state"] == "claimed"
    for verb, body in (("claim", None), ("resolve", WAIVED)):
        refused = await act(api, issue, verb, json=body, headers=other)
        assert (refused.status_code, refused.json()["title"]) == (409, "The issue is not open")
    ended = (await act(api, issue, "resolve", json=WAIVED)).json()
    assert (ended["state"], ended["outcome"], ended["note"]) == ("waived", "waived", "not-a-fault")
    assert ended["by"].endswith(" e-7")
    assert (await act(api, issue, "resolve", json=WAIVED)).status_code == 409


async def test_corrected_here_is_believed_once_the_file_is(
    service: Delivering, api: httpx.AsyncClient, other: dict[str, str]
) -> None:
    await wrong(service)
    issue = await the_issue(api)
    refused = await act(api, issue, "resolve", json=MENDED)
    assert (refused.status_code, refused.json()["title"]) == (409, "The fault is still there")
    asked = await api.post("/customers/c-1/corrections", json={"identity": {"id_number": SOUND.id_number}} | PAPER)
    assert (await act(api, issue, "resolve", json=MENDED)).status_code == 409, "what is only asked for mends nothing"
    approved = await api.post(f"{asked.headers['location']}/decision", json={"outcome": "approved"}, headers=other)
    assert approved.json()["state"] == "approved"
    assert (await act(api, issue, "resolve", json=MENDED)).json()["state"] == "resolved"


async def test_what_is_waived_stays_so_until_it_is_right(service: Delivering, api: httpx.AsyncClient) -> None:
    await wrong(service)
    await act(api, await the_issue(api), "resolve", json=WAIVED)
    await wrong(service, hours=1)
    assert (await the_issue(api))["state"] == "waived"
    await right(service, hours=2)
    assert (await the_issue(api))["state"] == "resolved"


async def test_a_source_that_said_it_mended_it_has_a_week_to_tell(service: Delivering, api: httpx.AsyncClient) -> None:
    await wrong(service)
    said = {"outcome": "fixed-at-source", "note": "source-told"}
    await act(api, await the_issue(api), "resolve", json=said)
    await count_book(service.runtime.transactions)
    assert (await the_issue(api))["state"] == "resolved"
    week = timedelta(days=7).total_seconds()
    await service.rows_written(
        f"UPDATE quality_issues SET changed_at = changed_at - interval '{week} seconds'", "DELETE FROM quality_counts"
    )
    await count_book(service.runtime.transactions)
    assert (await the_issue(api))["state"] == "open"
    await act(api, await the_issue(api), "resolve", json=said)
    await wrong(service, hours=1)
    assert (await the_issue(api))["state"] == "open"


async def test_files_that_contradict_each_other_or_their_accounts_are_issues(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await service.deliver(
        record(service, customer("c-1", identity=SOUND)),
        record(service, customer("c-2", identity=SOUND, status="closed")),
        record(service, account("c-2")),
    )
    await count_book(service.runtime.transactions)
    found = {(issue["customer_id"], issue["attribute"], issue["fault"]) for issue in await issues(api)}
    assert found == {
        ("c-1", "id_number", "on-another-file"),
        ("c-2", "id_number", "on-another-file"),
        ("c-2", "status", "has-open-accounts"),
    }
    assert len(await issues(api, fault="on-another-file", customer_id="c-2")) == 1
    assert await issues(api, state="claimed") == []
    first = (await api.get("/data-quality/issues", params={"limit": 2})).json()
    rest = (await api.get("/data-quality/issues", params={"limit": 2, "cursor": first["next"]})).json()
    assert len(first["items"] + rest["items"]) == 3
    assert rest["next"] is None


async def test_one_paper_on_files_of_one_person_is_no_fault_until_they_are_separated(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    files = [record(service, customer(file, identity=SOUND)) for file in ("c-1", "c-2", "c-3")]
    files += [record(service, customer(file, identity=None)) for file in ("c-4", "c-5")]
    await service.deliver(*files, word(service, "c-1", "c-2"))
    assert await on_another_file(service, api) == ({"c-1", "c-2", "c-3"}, (3, 3)), "c-3 is another person still"
    await service.deliver(word(service, "c-1", "c-3", hours=1))
    assert await on_another_file(service, api) == (set(), (3, 0))
    await service.deliver(word(service, "c-1", "c-2", hours=2, status="separated"))
    assert await on_another_file(service, api) == ({"c-1", "c-2", "c-3"}, (3, 3))


async def on_another_file(service: Delivering, api: httpx.AsyncClient) -> tuple[set[str], tuple[int, int]]:
    """Whose paper is on another file by the queue, once the book is counted anew; and how many are seen and counted."""
    await service.rows_written("DELETE FROM quality_counts")
    await count_book(service.runtime.transactions)
    open_issues = await issues(api, fault="on-another-file", state="open")
    ((seen, faults),) = await service.rows("SELECT seen, faults FROM quality_counts WHERE dimension = 'uniqueness'")
    return {issue["customer_id"] for issue in open_issues}, (seen, faults)


@pytest.mark.parametrize("body", [{"outcome": "waived", "note": "paper-seen"}, {"outcome": "waived"}, {"note": "x"}])
async def test_a_reason_fits_how_it_ends(service: Delivering, api: httpx.AsyncClient, body: dict[str, str]) -> None:
    await wrong(service)
    assert (await act(api, await the_issue(api), "resolve", json=body)).status_code == 422


async def test_stewards_write_who_watches_reads_and_nobody_else(
    service: Delivering, api: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await wrong(service)
    issue = await the_issue(api)
    for role in ROLE_SCOPES:
        headers = issuer.bearer(role)
        read = await api.get("/data-quality/issues", headers=headers)
        assert (read.status_code == 200) == (role in {"data_admin", "dpo", "auditor", "compliance"}), role
        claimed = await act(api, issue, "claim", headers=headers)
        assert (claimed.status_code == 403) == (role != "data_admin"), role
    missing = {"issue_id": "00000000-0000-7000-8000-000000000000"}
    assert (await act(api, missing, "claim")).status_code == 404


async def test_the_count_of_the_book_may_take_longer_than_a_statement_of_a_worker(service: Delivering) -> None:
    """Of half a million files it took 6 s, and the queue 12 s: of a larger book no day would ever be counted."""
    await wrong(service)
    runtime = service.runtime
    hasty = secured(create_engine(runtime.url, application="test", pool_size=1, statement_timeout_ms=200))
    async with runtime.engine.begin() as connection:
        await connection.execute(text("LOCK TABLE quality_issues IN SHARE MODE"))
        counting = asyncio.create_task(count_book(Transactions(hasty, service.service)))
        await asyncio.sleep(0.8)
    await counting
    await hasty.dispose()
    assert len(await service.rows("SELECT 1 FROM quality_counts WHERE source = 'book' AND attribute = 'phone'")) == 2
