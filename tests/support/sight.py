"""A bank of two units: who manages and leads, and a customer of each manager; for whoever asks who sees whom."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from rapport.events.bank import EmployeeChanged
from rapport.events.customer_profile import CustomerProfiled
from rapport.web.scopes import ROLE_SCOPES
from tests.support.delivering import NOON, Delivering
from tests.support.tokens import TestIssuer

OWN, FOREIGN, UNKNOWN = "c-own", "c-other", "c-unknown"
"""The first two are in churn-alert treated by the lot of whoever is warned of."""
MANAGER, LEAD, OTHER_MANAGER, OTHER_LEAD = "e-manager", "e-lead", "e-other-manager", "e-other-lead"
SUBJECTS = {role: f"e-{role}" for role in ROLE_SCOPES} | {"rm": MANAGER, "team_lead": LEAD}
"""Whose token a role has here: to the first two OWN belongs, and a channel's acts for OWN; to all others no one."""
STAFF = ((MANAGER, "B1", "rm"), (LEAD, "B1", "team_lead"), (OTHER_MANAGER, "B2", "rm"), (OTHER_LEAD, "B2", "rm"))


def employee(employee_id: str, unit: str, role: str = "rm", **fields: Any) -> EmployeeChanged:
    """An employee as the bank's staff system tells of one."""
    said = {"employee_id": employee_id, "unit": unit, "role": role, "active": True, "revision": 1}
    return EmployeeChanged.model_validate(said | fields)


def managed(customer_id: str, manager: str | None, revision: int = 1) -> CustomerProfiled:
    """What customer-profile tells of a customer in the charge of this manager."""
    said = {"type": "personal", "customer_class": "core", "unit": "B1", "status": "active", "as_of": NOON}
    told = {"customer_id": customer_id, "relationship_manager": manager, "revision": revision}
    return CustomerProfiled.model_validate(said | told)


async def tell(service: Delivering, *facts: EmployeeChanged | CustomerProfiled) -> None:
    """The service hears these."""
    await service.deliver(*map(service.feed.record, facts))


async def tell_who_manages(service: Delivering) -> None:
    """The service hears of the staff, and who has charge of the two customers."""
    await tell(service, *(employee(*one) for one in STAFF), managed(OWN, MANAGER), managed(FOREIGN, OTHER_MANAGER))


@asynccontextmanager
async def client_of(app: FastAPI, issuer: TestIssuer, *roles: str, subject: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose token is for this subject in these roles, who has just proved it with two factors; a channel's
    acts for OWN.
    """
    proved = {"acr": "mfa", "auth_time": int(time.time())}
    headers = issuer.bearer(*roles, subject=subject, customer_id=OWN if "channel" in roles else None, **proved)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t", headers=headers) as client:
        yield client


async def listed(client: httpx.AsyncClient, path: str, **asked: str) -> list[str]:
    """Whose rows a list holds, in its order, read a row a page."""
    found: list[str] = []
    params = {"limit": "1", **asked}
    while True:
        page = (await client.get(path, params=params)).json()
        found += [row["customer_id"] for row in page["items"]]
        if page["next"] is None:
            return found
        params["cursor"] = page["next"]


def said(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but what names the request."""
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k != "x-request-id"}
