"""Leads over REST: dealt with by compliance, dismissed by two persons, and who read them is noted."""

from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from tests.churn_alert.abnormal.telling import at, cash, sent
from tests.churn_alert.abnormal.test_handlers import swept, tell
from tests.support.delivering import Delivering
from tests.support.sight import client_of
from tests.support.tokens import TestIssuer

DAY = at("2025-03-05")
PATH = "/abnormal-activities"


@pytest.fixture
async def officers(app: FastAPI, issuer: TestIssuer):  # type: ignore[no-untyped-def]
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(client_of(app, issuer, "compliance", subject=who))
            for who in ("e-maker", "e-checker")
        ]


@pytest.fixture
async def lead(service: Delivering, officers: list[httpx.AsyncClient]) -> str:
    await tell(service, cash(DAY, "60000.00"), sent(DAY + timedelta(days=9), "700000.00", "c-2"))
    found = (await officers[0].get(PATH, params={"rule": "large-cash"})).json()["items"]
    return f"{PATH}/{found[0]['lead_id']}"


async def test_a_lead_is_listed_shown_and_every_reading_noted(lead: str, officers: list[httpx.AsyncClient]) -> None:
    maker, checker = officers
    listed = (await maker.get(PATH)).json()["items"]
    assert [one["customer_id"] for one in listed] == ["c-2", "c-1"]
    shown = (await checker.get(lead)).json()
    assert shown["amount"] == "60000.00" and shown["threshold"] == "50000.00"
    assert [step["step"] for step in shown["steps"]] == ["found"]
    reads = (await maker.get(f"{PATH}/reads")).json()["items"]
    assert [(one["read_by"], one["leads"], one["lead_id"]) for one in reads] == [
        ("e-maker", 1, None),
        ("e-maker", 2, None),
        ("e-checker", 1, shown["lead_id"]),
    ]
    assert (await maker.get(f"{PATH}/{uuid4()}")).status_code == 404
    assert len((await maker.get(f"{PATH}/reads")).json()["items"]) == 3, "what was not shown is not noted"


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"customer_id": "c-1"}, 1),
        ({"kind": "large"}, 2),
        ({"kind": "unusual"}, 0),
        ({"state": "referred"}, 0),
        ({"due_before": "2025-03-12"}, 0),
        ({"due_before": "2025-03-13"}, 1),
    ],
)
async def test_every_filter_narrows(
    lead: str, officers: list[httpx.AsyncClient], asked: dict[str, str], count: int
) -> None:
    assert len((await officers[0].get(PATH, params=asked)).json()["items"]) == count


async def test_a_dismissal_takes_two_persons(lead: str, officers: list[httpx.AsyncClient]) -> None:
    maker, checker = officers
    decision = {"decision": "approve"}
    early = await checker.post(f"{lead}/dismissal-decision", json=decision)
    assert (early.status_code, early.json()["title"]) == (409, "No dismissal is proposed")
    assert (await maker.post(f"{lead}/dismissal", json={"reason": "because"})).status_code == 422
    assert (await maker.post(f"{lead}/dismissal", json={"reason": "explained"})).status_code == 201
    assert (await checker.post(f"{lead}/dismissal", json={"reason": "explained"})).status_code == 409
    own = await maker.post(f"{lead}/dismissal-decision", json=decision)
    assert (own.status_code, own.json()["title"]) == (409, "Another person decides on a dismissal")
    assert (await checker.post(f"{lead}/dismissal-decision", json={"decision": "refuse"})).json()["state"] == "open"
    assert (await maker.post(f"{lead}/dismissal", json={"reason": "data-error"})).status_code == 201
    done = (await checker.post(f"{lead}/dismissal-decision", json=decision)).json()
    assert (done["state"], done["reason"], done["proposed_by"], done["decided_by"]) == (
        "dismissed", "data-error", "e-maker", "e-checker",
    )  # fmt: skip
    steps = [step["step"] for step in (await maker.get(lead)).json()["steps"]]
    assert steps == ["found", "dismissal-proposed", "dismissal-refused", "dismissal-proposed", "dismissed"]
    assert (await maker.post(f"{lead}/referral")).status_code == 409


async def test_a_lead_is_referred_once(lead: str, officers: list[httpx.AsyncClient]) -> None:
    maker, checker = officers
    key = {"Idempotency-Key": "refer-1"}
    first = await maker.post(f"{lead}/referral", headers=key)
    assert (first.status_code, first.json()["state"], first.json()["decided_by"]) == (201, "referred", "e-maker")
    assert (await maker.post(f"{lead}/referral", headers=key)).json() == first.json()
    assert (await checker.post(f"{lead}/referral")).status_code == 409
    assert (await checker.post(f"{PATH}/{uuid4()}/referral")).status_code == 404


async def test_what_people_decided_stands_when_the_lead_turns_out_untrue(
    service: Delivering, lead: str, officers: list[httpx.AsyncClient]
) -> None:
    from tests.churn_alert.lives import taken_back

    await officers[0].post(f"{lead}/referral")
    await tell(service, taken_back(cash(DAY, "60000.00"), DAY + timedelta(days=10)))
    shown = (await officers[0].get(lead)).json()
    assert (shown["state"], shown["is_true"]) == ("referred", False)
    assert [step["step"] for step in shown["steps"]] == ["found", "referred", "withdrawn"]


async def test_who_is_shown_a_lead_by_doing_something_with_it_is_noted_each_time(
    lead: str, officers: list[httpx.AsyncClient]
) -> None:
    maker, checker = officers
    await maker.post(f"{lead}/dismissal", json={"reason": "explained"})
    await checker.post(f"{lead}/dismissal-decision", json={"decision": "refuse"})
    for _ in range(2):
        await maker.post(f"{lead}/referral", headers={"Idempotency-Key": "once"})
    assert (await checker.post(f"{lead}/referral")).status_code == 409
    reads = (await maker.get(f"{PATH}/reads", params={"lead_id": lead.rpartition("/")[2]})).json()["items"]
    assert [one["read_by"] for one in reads] == ["e-maker", "e-checker", "e-maker", "e-maker"]


async def test_only_what_is_overdue_and_not_dealt_with_is_listed_as_such(
    service: Delivering, lead: str, officers: list[httpx.AsyncClient]
) -> None:
    async def count(**asked: str) -> int:
        return len((await officers[0].get(PATH, params=asked)).json()["items"])

    assert (await count(overdue="true"), await count(overdue="false")) == (0, 2)
    await tell(service, cash(DAY + timedelta(days=13), "1.00"))
    await swept(service)
    assert (await count(overdue="true"), await count(overdue="false")) == (1, 1)
    assert (await officers[0].get(lead)).json()["overdue_at"] == "2025-03-12T16:00:00Z"
    assert (await officers[0].post(f"{lead}/referral")).json()["state"] == "referred"
    assert await count(overdue="true") == 0
