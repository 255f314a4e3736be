"""People who override tiers and answer appeals, over a bank of one customer whose points are reckoned by hand."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from rapport.events.customer_profile import CustomerProfiled
from rapport.serving import api_of
from tests.scoring.facts import DAY, MONDAY, deliver, holdings
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.sight import employee, tell
from tests.support.tokens import TestIssuer

UNTIL = MONDAY + 60 * DAY
SECRET = "his brother owns the harbour"
WANTED = {"tier": "high", "reason": "relationship", "until": UNTIL.isoformat(), "note": SECRET}


@dataclass(frozen=True, slots=True)
class Office:
    """The customer c-1 holds 5,000 and is in the tier middle since Monday; nothing is later than Monday yet."""

    service: Delivering
    manager: httpx.AsyncClient
    lead: httpx.AsyncClient
    officer: httpx.AsyncClient
    auditor: httpx.AsyncClient
    channel: httpx.AsyncClient

    async def propose(self, **changes: Any) -> str:
        """A proposal of the manager's; its id."""
        answer = await self.manager.post("/standings/c-1/overrides", json=WANTED | changes)
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["override_id"]
        return found

    async def approve(self, override_id: str) -> dict[str, Any]:
        """By the team lead."""
        return await done(self.lead.post(f"/overrides/{override_id}/approve"))

    async def put_on(self, **changes: Any) -> str:
        """Proposed and approved."""
        override_id = await self.propose(**changes)
        await self.approve(override_id)
        return override_id

    async def shown(self) -> dict[str, Any]:
        """The customer's standing."""
        found: dict[str, Any] = (await self.auditor.get("/standings/c-1")).json()
        return found

    async def state(self, override_id: str) -> str:
        """Of an override."""
        found: str = (await self.auditor.get(f"/overrides/{override_id}")).json()["state"]
        return found

    async def hold(self, revision: int, amount: str, at: datetime) -> None:
        """The customer holds so much from then on."""
        await deliver(self.service, holdings(revision, amount, at=at))

    async def profile(self, *, refuses: bool, revision: int, customer_id: str = "c-1") -> None:
        """What customer-profile tells of a customer."""
        told = profiled(refuses=refuses, revision=revision, customer_id=customer_id)
        await self.service.deliver(self.service.feed.record(told, time=MONDAY, source="customer-profile"))

    async def consent(
        self, *, revision: int, allowed: bool | None, customer_id: str = "c-1", purpose: str = "tiering"
    ) -> None:
        """What customer-profile tells of a customer's consents; None: nothing was said of it yet."""
        said = {True: "granted", False: "refused", None: "unsaid"}[allowed]
        told = consents(customer_id, revision=revision, **{said: [purpose]})
        await self.service.deliver(self.service.feed.record(told, time=MONDAY, source="customer-profile"))

    async def decisions(self) -> list[tuple[Any, ...]]:
        """Every decision on c-1: from, to, cause, and days since Monday."""
        rows = await self.service.rows("SELECT * FROM decisions WHERE customer_id = 'c-1' ORDER BY revision")
        return [(row.old_tier, row.tier, row.cause, (row.decided_at - MONDAY) / DAY) for row in rows]


def profiled(*, refuses: bool, revision: int, customer_id: str = "c-1", at: datetime = MONDAY) -> CustomerProfiled:
    """A customer as customer-profile tells of them."""
    return CustomerProfiled(
        customer_id=customer_id,
        type="personal",
        customer_class="ordinary",
        unit="B1",
        relationship_manager="ana",
        status="active",
        refuses_automated_decisions=refuses,
        as_of=at,
        revision=revision,
    )


async def done(answering: Any) -> dict[str, Any]:
    """The answer to what must have been done."""
    answer = await answering
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@asynccontextmanager
async def office_of(service: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    """The people at work."""
    async with AsyncExitStack() as stack:
        transport = httpx.ASGITransport(api_of(service.runtime))

        async def client(role: str, who: str, **claims: str) -> httpx.AsyncClient:
            headers = issuer.bearer(role, subject=who, **claims)
            made = httpx.AsyncClient(transport=transport, base_url="http://scoring", headers=headers)
            return await stack.enter_async_context(made)

        await deliver(service, holdings(1, "5000.00"))
        # Before any revision that a test tells.
        await service.rows_written("INSERT INTO customer_managers VALUES ('c-1', 'ana', 0)")
        await tell(service, employee("ana", "B1"), employee("ben", "B1", "team_lead"))
        yield Office(
            service,
            manager=await client("rm", "ana"),
            lead=await client("team_lead", "ben"),
            officer=await client("complaint_officer", "dora"),
            auditor=await client("auditor", "eve"),
            channel=await client("channel", "app", customer_id="c-1"),
        )
