"""A bank of two units: who manages, leads and serves, and a customer of each manager with something in every table."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from rapport.database import create_engine
from rapport.events.bank import EmployeeChanged, Identity
from rapport.web.scopes import ROLE_SCOPES
from tests.customer_profile.facts import ZHANG, account, customer, record
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

OWN, FOREIGN, UNKNOWN = "c-own", "c-foreign", "c-unknown"
MANAGER, LEAD, OTHER_MANAGER, OTHER_LEAD = "e-manager", "e-lead", "e-other-manager", "e-other-lead"
SUBJECTS = {role: f"e-{role}" for role in ROLE_SCOPES} | {"rm": MANAGER, "team_lead": LEAD}
"""Whose token a role has here: to the first two OWN belongs, and a channel's acts for OWN; to all others no one."""


def employee(employee_id: str, unit: str, role: str = "rm", **fields: Any) -> EmployeeChanged:
    """An employee as the bank's staff system tells of one."""
    said = {"employee_id": employee_id, "unit": unit, "role": role, "active": True, "revision": 1}
    return EmployeeChanged.model_validate(said | fields)


async def open_bank(service: Delivering, *, identity: Identity = ZHANG) -> None:
    """Both customers, each with an account, and the staff of both units."""
    staff = ((MANAGER, "B1", "rm"), (LEAD, "B1", "team_lead"), (OTHER_MANAGER, "B2", "rm"), (OTHER_LEAD, "B2", "rm"))
    await service.deliver(*(service.feed.record(employee(*one)) for one in staff))
    customers = ((OWN, MANAGER, "B1", "E00000001"), (FOREIGN, OTHER_MANAGER, "B2", "E00000002"))
    for customer_id, manager, unit, number in customers:
        # Another paper each, or one could not be corrected beside the other.
        paper = {"id_type": "passport", "id_number": number} if identity is ZHANG else {}
        told = customer(
            customer_id, relationship_manager=manager, unit=unit, identity=identity.model_copy(update=paper)
        )
        await service.deliver(record(service, told))
        await service.deliver(record(service, account(customer_id, f"a-of-{customer_id}")))


@asynccontextmanager
async def client_of(app: FastAPI, issuer: TestIssuer, *roles: str, subject: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose token is for this subject in these roles, who has just proved it with two factors; a channel's
    acts for OWN.
    """
    proved = {"acr": "mfa", "auth_time": int(time.time())}
    headers = issuer.bearer(*roles, subject=subject, customer_id=OWN if "channel" in roles else None, **proved)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t", headers=headers) as client:
        yield client


async def drop_policies(service: Delivering) -> None:
    """The database as if nobody had secured it: what is refused then is refused by the queries alone."""
    owner = service.runtime.settings.database.migration_url
    assert owner is not None
    engine = create_engine(owner.get_secret_value(), application="test", pool_size=1)
    async with engine.begin() as connection:
        secured = await connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relrowsecurity")
        for table in secured.scalars().all():
            await connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    await engine.dispose()
