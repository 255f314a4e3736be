"""Customers who fell silent, and what is done about it; what the service tells of it."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from rapport.events.bank import EmployeeChanged
from rapport.events.contact import ContactDelivered, ContactRefused
from rapport.events.customer_profile import CustomerProfiled
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY
from tests.support.delivering import Delivering

HELD_OUT, TREATED = "c-17", "c-1"
"""By the lot of `care-of-warned`."""
SILENT = SILENT_FROM + 28 * DAY
"""A day after the risk has reached its threshold."""
Answer = Callable[..., Awaitable[None]]
Told = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def told(service: Delivering) -> Told:
    """`await told("intervention-changed")`: what was told there, in its order."""

    async def told(topic: str = "intervention-changed") -> list[dict[str, Any]]:
        sql = "SELECT value FROM outbox WHERE topic = :topic ORDER BY outbox_id"
        return [json.loads(row.value) for row in await service.rows(sql, topic=topic)]

    return told


@pytest.fixture
def answer(service: Delivering) -> Answer:
    """`await answer(request_id, "capped")`: customer-profile refuses; without a reason it delivers."""

    async def answer(
        request_id: str, reason: str | None = None, *, customer_id: str = TREATED, days: float = 0.1
    ) -> None:
        at = SILENT + days * DAY
        said = {"customer_id": customer_id, "request_id": request_id}
        fact: ContactDelivered | ContactRefused
        if reason is None:
            fact = ContactDelivered.model_validate(said | {"channel": "push", "adapter": "file", "delivered_at": at})
        else:
            fact = ContactRefused.model_validate(said | {"reason": reason, "refused_at": at})
        await service.deliver(service.feed.record(fact, time=at))

    return answer


@pytest.fixture
async def silent(live: Live) -> str:
    """A customer with an open alert, who is treated."""
    await live(TREATED, until=SILENT)
    return TREATED


def profiled(customer_id: str, manager: str | None, revision: int = 1, **fields: Any) -> CustomerProfiled:
    said = {"type": "personal", "customer_class": "core", "unit": "B1", "status": "active", "as_of": SILENT}
    return CustomerProfiled.model_validate(
        {"customer_id": customer_id, "relationship_manager": manager, "revision": revision} | said | fields
    )


def employee(employee_id: str, *, active: bool = True) -> EmployeeChanged:
    return EmployeeChanged(employee_id=employee_id, unit="B1", role="rm", active=active, revision=1)
