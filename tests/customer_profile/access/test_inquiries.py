"""Why a customer was restricted is shown to who answers for the law or audits it, and comes out nowhere else."""

import pytest
from fastapi import FastAPI

from customer_profile.customer.domain import INQUIRIES, RESTRICTS, WAYS
from rapport.web.scopes import INQUIRY_READERS, ROLE_SCOPES
from tests.customer_profile.access.bank import open_bank
from tests.customer_profile.access.made import open_bank_with_acts
from tests.customer_profile.access.test_matrix import MATRIX, asked
from tests.support.delivering import Delivering
from tests.support.sight import OWN, SUBJECTS, client_of
from tests.support.tokens import TestIssuer

READERS = [role for role, scopes in ROLE_SCOPES.items() if "customers:read" in scopes]


async def restrict(app: FastAPI, issuer: TestIssuer, reason: str) -> None:
    """By compliance, and lifted again."""
    async with client_of(app, issuer, "compliance", subject="e-8") as client:
        for step in ({"to": "restricted", "reason": reason}, {"to": "active", "reason": "restriction-lifted"}):
            assert (await client.post(f"/customers/{OWN}/status", json=step)).status_code == 201


@pytest.mark.parametrize("role", READERS)
async def test_a_restriction_is_shown_with_its_reason_or_without_any_by_the_role(
    app: FastAPI, service: Delivering, issuer: TestIssuer, role: str
) -> None:
    await open_bank(service)
    for reason in RESTRICTS:
        await restrict(app, issuer, reason)
    async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
        items = (await client.get(f"/customers/{OWN}/status/history")).json()["items"]
    assert [one["to"] for one in items] == ["active", *["restricted", "active"] * len(RESTRICTS)]
    assert [one["reason"] for one in items if one["to"] == "active"] == [
        "core-record",
        *["restriction-lifted"] * len(RESTRICTS),
    ]
    # One that is hidden beside others that are shown would tell of an inquiry by being hidden.
    shown = [one["reason"] for one in items if one["to"] == "restricted"]
    assert shown == (list(RESTRICTS) if role in INQUIRY_READERS else [None] * len(RESTRICTS))


async def test_who_audits_and_serves_sees_it_as_who_audits(
    app: FastAPI, service: Delivering, issuer: TestIssuer
) -> None:
    await open_bank(service)
    await restrict(app, issuer, "legal-order")
    async with client_of(app, issuer, "support", "auditor", subject="e-both") as client:
        items = (await client.get(f"/customers/{OWN}/status/history")).json()["items"]
    assert "legal-order" in [one["reason"] for one in items]


def test_reasons_that_tell_of_an_inquiry_are_reasons_of_a_restriction_alone() -> None:
    assert set(INQUIRIES) < set(RESTRICTS) == set(WAYS["active", "restricted"].reasons)
    others = {reason for way, (_, reasons) in WAYS.items() if way != ("active", "restricted") for reason in reasons}
    assert not set(RESTRICTS) & others


async def test_whatever_anybody_else_asks_and_whatever_is_told_names_no_inquiry(
    app: FastAPI, service: Delivering, issuer: TestIssuer
) -> None:
    made = await open_bank_with_acts(service, app, issuer)
    for reason in INQUIRIES:
        await restrict(app, issuer, reason)
    found, asks = [], 0
    for role in set(ROLE_SCOPES) - INQUIRY_READERS:
        async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
            for operation in (operation for operation in MATRIX if operation.startswith("GET ")):
                answer = await asked(client, app, operation, made.ids(operation, role, OWN))
                asks += answer.status_code == MATRIX[operation].status
                found += [(role, operation, reason) for reason in INQUIRIES if reason in answer.text]
    assert found == []
    assert asks > len(READERS), "else nothing would be shown by what is not found"
    told = await service.rows("SELECT value FROM outbox WHERE value IS NOT NULL")
    assert [row.value for row in told if any(reason.encode() in row.value for reason in INQUIRIES)] == []
