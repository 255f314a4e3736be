"""What is asked at the counter about a customer, and what the worker notes meanwhile."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from rapport.events.churn_alert import LifecycleChanged
from rapport.events.customer_profile import CustomerProfiled
from rapport.serving import api_of
from scoring.entitlement.handlers import note_classes
from tests.scoring.facts import MONDAY
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


def profile(customer_id: str = "c-1", revision: int = 1, **fields: Any) -> CustomerProfiled:
    """What customer-profile tells of a personal customer."""
    given = {"type": "personal", "customer_class": "ordinary", "unit": "u-1", "status": "active", "as_of": MONDAY}
    return CustomerProfiled.model_validate(given | {"customer_id": customer_id, "revision": revision} | fields)


def stage(name: str, since: datetime = MONDAY, revision: int = 1, customer_id: str = "c-1") -> LifecycleChanged:
    """What churn-alert tells of a customer's lifecycle."""
    told = {"stage": name, "since": since, "as_of": since, "revision": revision, "customer_id": customer_id}
    return LifecycleChanged.model_validate(told)


@dataclass(frozen=True, slots=True)
class Counter:
    """People with their clients; `compliance` approves as a `risk_manager` does."""

    service: Delivering
    manager: httpx.AsyncClient
    analyst: httpx.AsyncClient
    approver: httpx.AsyncClient
    compliance: httpx.AsyncClient
    channel: httpx.AsyncClient

    async def asked(self, customer_id: str = "c-1") -> dict[str, Any]:
        """What the customer is entitled to, as who sees everything."""
        answer = await self.compliance.get(f"/entitlements/{customer_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def classes(self, customer_id: str = "c-1") -> dict[str, tuple[str, datetime]]:
        """Each class with its date."""
        listed = (await self.asked(customer_id))["classes"]
        return {one["dimension"]: (one["value"], datetime.fromisoformat(one["since"])) for one in listed}

    async def history(self, dimension: str, customer_id: str = "c-1") -> list[tuple[str, datetime]]:
        """The changes of one class, the first first."""
        answer = await self.manager.get(f"/entitlements/{customer_id}/classes?limit=200")
        return [
            (one["value"], datetime.fromisoformat(one["since"]))
            for one in reversed(answer.json()["items"])
            if one["dimension"] == dimension
        ]

    async def note(self) -> int:
        """What the worker does of itself; in how many batches."""
        state = self.service.runtime.composition.state
        batches = 0
        while await note_classes(self.service.runtime.transactions, rules=state["rules"], policies=state["policies"]):
            batches += 1
        return batches


def by_measure(listed: list[dict[str, Any]]) -> dict[str, tuple[Any, str]]:
    """Of each measure its value and the rule that gave it."""
    return {one["measure"]: (one["value"], one["rule"]) for one in listed}


@asynccontextmanager
async def counter_of(service: Delivering, issuer: TestIssuer) -> AsyncIterator[Counter]:
    """Everybody who works at it, each with a token."""
    async with AsyncExitStack() as stack:
        transport = httpx.ASGITransport(api_of(service.runtime))

        async def client(who: str, *roles: str) -> httpx.AsyncClient:
            headers = issuer.bearer(*roles, subject=who)
            made = httpx.AsyncClient(transport=transport, base_url="http://scoring", headers=headers)
            return await stack.enter_async_context(made)

        yield Counter(
            service,
            manager=await client("ana", "rm", "support"),
            analyst=await client("eve", "analyst"),
            approver=await client("ben", "risk_manager"),
            compliance=await client("cleo", "compliance"),
            channel=await client("app", "channel"),
        )
