"""What people do about an alert over REST: let it rest, hand it on, say when it ended; and that all of it is kept."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from churn_alert.alert.documents import PUBLISHED, AlertPolicyDocument
from tests.churn_alert.alert.test_merging import sweep
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, HOUR, salary
from tests.support.delivering import Delivering
from tests.support.sight import (
    FOREIGN,
    LEAD,
    MANAGER,
    OTHER_MANAGER,
    OWN,
    client_of,
    employee,
    listed,
    managed,
    tell,
    tell_who_manages,
)
from tests.support.tokens import TestIssuer

NOW = SILENT_FROM + 70 * DAY
MATE = "e-mate"


@pytest.fixture
async def own(service: Delivering, live: Live, app: FastAPI, issuer: TestIssuer) -> str:
    """The path of the open alert of OWN, whom MANAGER manages; another customer is OTHER_MANAGER's."""
    await tell_who_manages(service)
    await tell(service, employee(MATE, "B1"))
    await live(OWN, until=NOW)
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        (alert,) = (await client.get("/alerts")).json()["items"]
    return f"/alerts/{alert['alert_id']}"


async def steps(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(path)).json()["history"]
    return found


async def go_on(service: Delivering, until: datetime) -> None:
    """The bank goes on; OWN does nothing, but the salary comes."""
    await service.deliver(service.feed.record(salary(OWN, until), time=until))
    while await sweep(service):
        pass


async def test_a_snoozed_alert_rests_and_comes_back_by_itself_at_its_time(
    app: FastAPI, issuer: TestIssuer, service: Delivering, own: str
) -> None:
    until = NOW + 10 * DAY
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        rested = await client.post(f"{own}/snooze", json={"until": until.isoformat()})
        assert (rested.status_code, rested.json()["status"], rested.json()["answer_by"]) == (201, "opened", None)
        assert datetime.fromisoformat(rested.json()["snoozed_until"]) == until
        assert await listed(client, "/alerts", snoozed="true") == [OWN]
        await go_on(service, until - HOUR)
        assert [step["step"] for step in await steps(client, own)][-1] == "snoozed"
        await go_on(service, until + HOUR)
        woken = (await steps(client, own))[-1]
        assert (woken["step"], datetime.fromisoformat(woken["happened_at"]), woken["done_by"]) == (
            "woken",
            until,
            None,
        )
        assert await listed(client, "/alerts", snoozed="true") == []


@pytest.mark.parametrize(
    ("until", "status", "title"),
    [
        (NOW - DAY, 422, "The time is not ahead"),
        (NOW + 31 * DAY, 422, "The time is too far ahead"),
        (None, 422, None),
    ],
)
async def test_a_snooze_into_the_past_or_too_far_ahead_is_refused_with_the_field(
    app: FastAPI, issuer: TestIssuer, own: str, until: datetime | None, status: int, title: str | None
) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        refused = await client.post(f"{own}/snooze", json={"until": until.isoformat() if until else "tomorrow"})
        assert refused.status_code == status
        assert "until" in refused.text
        if title:
            assert refused.json()["title"] == title
        assert (await client.get(own)).json()["snoozed_until"] is None


async def test_an_outcome_is_dated_within_the_alert(app: FastAPI, issuer: TestIssuer, own: str) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        opened_at = datetime.fromisoformat((await client.get(own)).json()["opened_at"])
        for outcome_at in (opened_at - timedelta(seconds=1), NOW + DAY):
            body = {"outcome": "lost", "outcome_at": outcome_at.isoformat()}
            refused = await client.post(f"{own}/closure", json=body)
            assert (refused.status_code, refused.json()["title"]) == (422, "The outcome is not of the alert's time")
            assert "outcome_at" in refused.text
        body = {"outcome": "lost", "outcome_at": (opened_at + HOUR).isoformat()}
        closed = await client.post(f"{own}/closure", json=body)
        assert closed.status_code == 201
        assert datetime.fromisoformat(closed.json()["outcome_at"]) == opened_at + HOUR
        again = await client.post(f"{own}/snooze", json={"until": (NOW + DAY).isoformat()})
        assert (again.status_code, again.json()["title"]) == (409, "The alert is closed")


async def test_a_lead_hands_an_alert_within_the_unit_and_the_new_owner_sees_it_while_it_is_open(
    app: FastAPI, issuer: TestIssuer, own: str
) -> None:
    async with (
        client_of(app, issuer, "team_lead", subject=LEAD) as lead,
        client_of(app, issuer, "rm", subject=MATE) as mate,
        client_of(app, issuer, "rm", subject=MANAGER) as manager,
    ):
        assert (await mate.get(own)).status_code == 404
        assert (await lead.get(own)).json()["owner"] == MANAGER
        handed = await lead.post(f"{own}/assignment", json={"owner": MATE})
        assert (handed.status_code, handed.json()["owner"], handed.json()["queue"]) == (201, MATE, "B1")
        assert await listed(mate, "/alerts", mine="true") == [OWN]
        assert await listed(manager, "/alerts", mine="true") == []
        assert await listed(manager, "/alerts") == [OWN]
        last = (await steps(mate, own))[-1]
        assert (last["step"], last["owner"], last["done_by"]) == ("reassigned", MATE, LEAD)
        assert (await mate.post(f"{own}/closure", json={"outcome": "lost"})).status_code == 201
        assert (await mate.get(own)).status_code == 404


@pytest.mark.parametrize(
    ("owner", "title"),
    [
        ("e-nobody", "Nobody who could have it"),
        ("e-gone", "Nobody who could have it"),
        ("e-clerk", "Nobody who could have it"),
        (OTHER_MANAGER, "Somebody of another unit"),
    ],
)
async def test_nobody_is_handed_an_alert_who_could_not_have_it(
    app: FastAPI, issuer: TestIssuer, service: Delivering, own: str, owner: str, title: str
) -> None:
    await tell(service, employee("e-gone", "B1", active=False), employee("e-clerk", "B1", "teller"))
    async with client_of(app, issuer, "team_lead", subject=LEAD) as lead:
        refused = await lead.post(f"{own}/assignment", json={"owner": owner})
        assert (refused.status_code, refused.json()["title"]) == (422, title)
        assert "`owner` must" in refused.json()["detail"]
        assert (await lead.get(own)).json()["owner"] == MANAGER
    async with client_of(app, issuer, "rm", subject=MANAGER) as manager:
        assert (await manager.post(f"{own}/assignment", json={"owner": MATE})).status_code == 403


async def test_compliance_may_hand_an_alert_to_another_unit(app: FastAPI, issuer: TestIssuer, own: str) -> None:
    async with client_of(app, issuer, "compliance", subject="e-c") as compliance:
        handed = await compliance.post(f"{own}/assignment", json={"owner": OTHER_MANAGER})
        assert (handed.status_code, handed.json()["queue"]) == (201, "B2")


async def test_who_changes_hands_takes_the_open_alert_along_at_once(
    app: FastAPI, issuer: TestIssuer, service: Delivering, own: str
) -> None:
    async with client_of(app, issuer, "auditor", subject="e-8") as auditor:
        await tell(service, managed(OWN, OTHER_MANAGER, revision=2))
        shown = (await auditor.get(own)).json()
        assert (shown["owner"], shown["queue"]) == (OTHER_MANAGER, "B2")
        assert (shown["history"][-1]["step"], shown["history"][-1]["done_by"]) == ("reassigned", None)
        await tell(service, managed(OWN, MANAGER, revision=1))
        assert (await auditor.get(own)).json()["owner"] == OTHER_MANAGER
        await tell(service, employee(OTHER_MANAGER, "B7", revision=2))
        assert (await auditor.get(own)).json()["queue"] == "B7"
        await tell(service, managed(OWN, None, revision=3))
        assert (await auditor.get(own)).json()["owner"] is None


async def test_what_was_handed_on_stays_there_while_the_customer_does(
    app: FastAPI, issuer: TestIssuer, service: Delivering, own: str
) -> None:
    async with client_of(app, issuer, "team_lead", subject=LEAD) as lead:
        await lead.post(f"{own}/assignment", json={"owner": MATE})
        await tell(service, managed(OWN, MANAGER, revision=5))
        assert (await lead.get(own)).json()["owner"] == MATE


async def test_a_closed_alert_stays_whose_it_was(
    app: FastAPI, issuer: TestIssuer, service: Delivering, own: str
) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as manager:
        await manager.post(f"{own}/closure", json={"outcome": "lost"})
    await tell(service, managed(OWN, OTHER_MANAGER, revision=2))
    async with client_of(app, issuer, "rm", subject=OTHER_MANAGER) as later:
        shown = (await later.get(own)).json()
        assert (shown["owner"], shown["history"][-1]["step"]) == (MANAGER, "closed")


async def test_every_list_and_count_is_narrowed_by_every_filter(
    app: FastAPI, issuer: TestIssuer, service: Delivering, live: Live, own: str
) -> None:
    await live(FOREIGN, until=NOW)
    while await sweep(service):
        pass
    async with client_of(app, issuer, "team_lead", subject=LEAD) as lead:
        await lead.post(f"{own}/assignment", json={"owner": MATE})
        await lead.post(f"{own}/snooze", json={"until": (NOW + DAY).isoformat()})
    async with client_of(app, issuer, "auditor", subject="e-8") as auditor:
        (shown,) = (await auditor.get("/alerts", params={"customer_id": OWN})).json()["items"]
        for asked, expected in (
            ({"queue": "B1"}, [OWN]),
            ({"queue": "B2"}, [FOREIGN]),
            ({"queue": "B9"}, []),
            ({"owner": MATE}, [OWN]),
            ({"owner": MANAGER}, []),
            ({"snoozed": "true"}, [OWN]),
            ({"snoozed": "false"}, [FOREIGN]),
            ({"escalated": "true"}, sorted([FOREIGN, OWN])),
            ({"escalated": "false"}, []),
            ({"overdue": "true"}, [FOREIGN]),
            ({"overdue": "false"}, [OWN]),
            ({"open": "false"}, []),
            ({"open": "true"}, sorted([FOREIGN, OWN])),
            ({"tier": "high"}, []),
            ({"segment": "savers"}, []),
            ({"stage": "new"}, []),
            ({"stage": shown["stage"]}, sorted([FOREIGN, OWN])),
            ({"held_out": "true"}, []),
            ({"held_out": "false", "queue": "B2"}, [FOREIGN]),
        ):
            assert sorted(await listed(auditor, "/alerts", **asked)) == expected, asked
            counted = (await auditor.get("/alerts/counts", params=asked)).json()
            assert counted["count"] == len(expected), asked
        counts = (await auditor.get("/alerts/counts")).json()
        assert (counts["by_queue"], counts["snoozed"], counts["overdue"]) == ({"B1": 1, "B2": 1}, 1, 1)
        assert sum(counts["by_severity"].values()) == sum(counts["by_stage"].values()) == counts["count"] == 2
        assert counts["by_tier"] == counts["by_segment"] == {"unknown": 2}
    async with client_of(app, issuer, "rm", subject=OTHER_MANAGER) as other:
        assert (await other.get("/alerts/counts")).json()["by_queue"] == {"B2": 1}


async def test_the_policy_that_decides_is_shown_with_who_wrote_it_why_and_from_when_on(api: httpx.AsyncClient) -> None:
    shown = (await api.get("/alert-policy")).json()
    assert shown == AlertPolicyDocument.model_validate_json(PUBLISHED.read_bytes()).model_dump(mode="json")
    assert shown["author"]
    assert shown["effective_from"] == "2025-01-01"
