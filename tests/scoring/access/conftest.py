"""Two customers in the charge of two managers, and of each what has an id: an override and an appeal, both over.

What is decided on is over already, so that who asks again and again is answered alike each time.
"""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rapport.serving import api_of
from tests.scoring.facts import DAY, MONDAY, deliver, holdings
from tests.support.delivering import Delivering
from tests.support.matrix import asked
from tests.support.sight import FOREIGN, MANAGER, OTHER_MANAGER, OWN, client_of, managed, tell_who_manages
from tests.support.tokens import TestIssuer

WANTED = {"tier": "high", "reason": "relationship", "until": (MONDAY + 60 * DAY).isoformat()}
REFUSED = {"reason": "not-justified"}
UPHELD = {"outcome": "upheld", "reason": "decision-correct"}


@dataclass(frozen=True, slots=True)
class Made:
    """The service, its API, and ids by name for each customer."""

    service: Delivering
    app: FastAPI
    of: dict[str, dict[str, str]]
    of_service: dict[str, str]
    """By customer the appeal that a system of the bank opened: it may open them, and read those alone."""

    def ids(self, operation: str, role: str, customer_id: str) -> dict[str, str]:
        """What a path names."""
        if (operation, role) == ("GET /appeals/{appeal_id}", "service"):
            return self.of[customer_id] | {"appeal_id": self.of_service[customer_id]}
        return self.of[customer_id]


@pytest.fixture
async def made(bank: Delivering, issuer: TestIssuer) -> Made:
    app = api_of(bank.runtime)
    await tell_who_manages(bank)
    await deliver(bank, *(holdings(1, "5000.00", customer_id=one) for one in (OWN, FOREIGN)))
    # What a bad record is, of nobody here.
    await bank.deliver(bank.feed.record(managed("c-1", None), data={"revision": "none"}))
    ((dead_letter_id,),) = await bank.rows("SELECT dead_letter_id FROM dead_letters")
    common = {"dead_letter_id": str(dead_letter_id), "version": "1"}
    of, of_service = {}, {}
    async with client_of(app, issuer, "analyst", subject="e-7") as analyst:
        assert (await asked(analyst, app, "POST /policies", {}, bodies={})).status_code == 201
    async with (
        client_of(app, issuer, "service", subject="e-service") as system,
        client_of(app, issuer, "risk_manager", subject="e-8") as approver,
        client_of(app, issuer, "complaint_officer", subject="e-9") as officer,
    ):
        for customer_id, manager in ((OWN, MANAGER), (FOREIGN, OTHER_MANAGER)):
            path = f"/standings/{customer_id}"
            async with client_of(app, issuer, "rm", subject=manager) as client:
                override_id = (await _done(client, f"{path}/overrides", WANTED))["override_id"]
            for act, body in (("approve", None), ("revoke", REFUSED)):
                await _done(approver, f"/overrides/{override_id}/{act}", body)
            of_service[customer_id] = await _appealed(system, officer, path)
            # One channel for both: only whose token it is tells who sees which appeal.
            token = issuer.bearer("channel", subject="e-channel", customer_id=customer_id)
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://t", headers=token) as channel:
                appeal_id = await _appealed(channel, officer, path)
                await _done(channel, f"{path}/appeals", {"revision": 1})
            of[customer_id] = common | {
                "customer_id": customer_id,
                "override_id": override_id,
                "appeal_id": appeal_id,
            }
    return Made(bank, app, of, of_service)


async def _appealed(client: httpx.AsyncClient, officer: httpx.AsyncClient, path: str) -> str:
    """The id of an appeal that is answered."""
    appeal_id: str = (await _done(client, f"{path}/appeals", {"revision": 1}))["appeal_id"]
    await _done(officer, f"/appeals/{appeal_id}/answer", UPHELD)
    return appeal_id


async def _done(client: httpx.AsyncClient, path: str, body: Any) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found
