"""Exports as the tests ask for them: one person asks, another approves."""

from typing import Any

from fastapi import FastAPI
from httpx import AsyncClient

from tests.support.sight import SUBJECTS, client_of
from tests.support.tokens import TestIssuer

ASKED: dict[str, Any] = {"purpose": "operations", "reason": "data-cleansing", "filters": {}}
ASKERS = ("rm", "team_lead", "compliance", "data_admin")
APPROVER = "e-who-approves"


async def asked_for(client: AsyncClient, **filters: Any) -> str:
    """The id of an export of whom the client's caller sees."""
    made = await client.post("/exports", json=ASKED | {"filters": filters})
    assert made.status_code == 201, made.text
    return str(made.json()["export_id"])


async def decided(app: FastAPI, issuer: TestIssuer, export_id: str, decision: str = "approve") -> dict[str, Any]:
    """The same export after another person decided on it."""
    async with client_of(app, issuer, "dpo", subject=APPROVER) as approver:
        answer = await approver.post(f"/exports/{export_id}/decision", json={"decision": decision})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def taken(app: FastAPI, issuer: TestIssuer, role: str, form: str, **filters: Any) -> bytes:
    """What somebody in this role is handed out of an export of their own."""
    async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
        export_id = await asked_for(client, **filters)
        await decided(app, issuer, export_id)
        answer = await client.get(f"/exports/{export_id}/rows", params={"format": form})
    assert answer.status_code == 200, answer.text
    return answer.content
