"""The customer's copy: all the bank knows of the person and may show them, in clear, noted; nothing that it judges."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from customer_profile.own_copy import PURPOSE, SOURCES, OwnCopy
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.fields import leaves_of
from rapport.privacy.showing import display
from rapport.web.scopes import ROLE_SCOPES
from tests.customer_profile.access.test_masking import unlayered
from tests.customer_profile.facts import MONDAY, account, customer, record
from tests.customer_profile.marks import MARKED
from tests.customer_profile.merge.merging import merge
from tests.customer_profile.portrait.others import (
    assessed,
    case,
    classified,
    crossed,
    holdings,
    interaction,
    stage,
    tier,
    transaction,
)
from tests.customer_profile.test_me import GRANT, PHONE
from tests.customer_profile.test_me_person import TWO_PAPERS
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

FIRST, SECOND, OTHER = "c-1", "c-2", "c-3"
MANAGER = "e-manager"


@pytest.fixture
async def person(service: Delivering) -> Delivering:
    """One person with two files and something told of each kind, and somebody else with the same."""
    papers = {FIRST: "E00000001", SECOND: "E00000002", OTHER: "E00000003"}
    for file, number in papers.items():
        identity = MARKED.model_copy(update={"id_type": "passport", "id_number": number, "full_name": f"欧阳{file}"})
        await service.deliver(
            record(service, customer(file, identity=identity, relationship_manager=MANAGER)),
            record(service, account(file, f"a-of-{file}")),
        )
        told = [
            transaction(customer_id=file, account_id=f"a-of-{file}", transaction_no=f"T-{file}"),
            holdings("5000.00"), assessed(), tier(), stage(), crossed(), case("opened"), classified(), interaction(1),
        ]  # fmt: skip
        events = [one.model_copy(update={"customer_id": file}) for one in told]
        await service.deliver(*(service.feed.record(event, time=MONDAY) for event in events))
    await merge(service, FIRST, SECOND, evidence=TWO_PAPERS)
    return service


@pytest.fixture
async def phone(app: FastAPI, issuer: TestIssuer, person: Delivering) -> AsyncIterator[AsyncClient]:
    """The mobile channel for the person, who has just proved with two factors who they are."""
    headers = bearing(issuer, acr="mfa", auth_time=int(time.time()))
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service", headers=headers) as client:
        yield client


def bearing(issuer: TestIssuer, *roles: str, **claims: Any) -> dict[str, str]:
    token = issuer.token("channel", *roles, subject="app", customer_id=FIRST, **claims)
    return {"Authorization": f"Bearer {token}"}


async def copy_of(phone: AsyncClient) -> dict[str, Any]:
    answer = await phone.get("/me/copy")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def test_the_copy_holds_what_is_known_by_all_files_of_the_person_in_clear(phone: AsyncClient) -> None:
    copy = await copy_of(phone)
    assert [file["customer_id"] for file in copy["files"]] == [FIRST, SECOND]
    assert [file["identity"]["id_number"] for file in copy["files"]] == ["E00000001", "E00000002"]
    assert {file["identity"]["phone"] for file in copy["files"]} == {f"+86{MARKED.phone}"}
    assert [one["account_id"] for one in copy["accounts"]] == [f"a-of-{FIRST}", f"a-of-{SECOND}"]
    assert [(entry["count"], entry["amount"]) for entry in copy["turnover"][0]["debits"]] == [(2, "25.00")]
    assert [one["amount"] for one in copy["holdings"]] == ["5000.00", "5000.00"]
    assert copy["risk_preference"][0]["risk_tolerance"] == "C3"
    assert copy["tier"] == [{"tier": "high", "decided_at": "2026-03-02T08:00:00Z"}]
    assert len(copy["interactions"]) == 2


async def test_each_attribute_says_what_for_how_long_and_where_it_is_from(phone: AsyncClient) -> None:
    attributes = {one["code"]: one for one in (await copy_of(phone))["attributes"]}
    assert attributes.keys() == SOURCES.keys()
    one, entry = attributes["phone"], published().by_code["phone"]
    assert (one["purpose"], one["retention"]["core"]) == (entry.purpose, "P10Y")
    assert all(one["source"] and one["legal_basis"] for one in attributes.values())


async def test_consents_corrections_and_contacts_are_in_it_with_their_acts(phone: AsyncClient) -> None:
    assert (await phone.post("/me/consents", json=GRANT)).status_code == 201
    assert (await phone.post("/me/corrections", json=PHONE | {"customer_id": SECOND})).status_code == 201
    copy = await copy_of(phone)
    assert [(act["customer_id"], act["act"]) for act in copy["acts"]] == [(FIRST, "granted"), (SECOND, "granted")]
    assert {one["purpose"]: one["allowed"] for one in copy["purposes"]}["marketing-sms"]
    assert [(one["customer_id"], one["state"]) for one in copy["corrections"]] == [(SECOND, "open")]
    assert copy["contacts"] == []


async def test_nothing_that_the_bank_judges_and_nobody_else_is_in_it_whatever_roles_the_token_has(
    phone: AsyncClient, api: AsyncClient, issuer: TestIssuer
) -> None:
    before = await copy_of(phone)
    step = {"to": "restricted", "reason": "compliance-review"}
    for file in (FIRST, SECOND):
        assert (await api.post(f"/customers/{file}/status", json=step, headers=issuer.bearer("compliance"))).is_success
    after = await copy_of(phone)
    assert timeless(before) == timeless(after)
    proved = {"acr": "mfa", "auth_time": int(time.time())}
    wide = await phone.get("/me/copy", headers=bearing(issuer, *sorted(ROLE_SCOPES), **proved))
    assert timeless(wide.json()) == timeless(after)
    for word in (OTHER, MANAGER, "restricted", "customer_class", "probability", "priority", "severity", "loan_class"):
        assert word not in wide.text, word


def timeless(copy: dict[str, Any]) -> dict[str, Any]:
    """Without when it was made, from when on the customer may be asked for what nobody has asked for yet."""
    return copy | {"made_at": None, "purposes": [one | {"may_ask_from": None} for one in copy["purposes"]]}


async def test_each_field_of_identity_in_it_is_noted_and_without_a_step_up_nothing_is_given(
    phone: AsyncClient, issuer: TestIssuer, person: Delivering
) -> None:
    refused = await phone.get("/me/copy", headers=bearing(issuer))
    assert (refused.status_code, "max_age" in refused.headers["www-authenticate"]) == (401, True)
    assert await person.rows("SELECT 1 FROM unmaskings") == []
    await copy_of(phone)
    rows = await person.rows("SELECT customer_id, field, purpose, reason FROM unmaskings ORDER BY 1, 2")
    fields = ["address", "email", "full_name", "id_number", "phone"]
    assert [tuple(row) for row in rows] == [
        (file, field, "own-copy", "customer-asked") for file in (FIRST, SECOND) for field in fields
    ]
    trail = await phone.get("/customers/unmaskings", headers=issuer.bearer("auditor"))
    assert {one["purpose"] for one in trail.json()["items"]} == {"own-copy"}


async def test_nobody_may_ask_to_unmask_for_the_purpose_of_a_copy(
    api: AsyncClient, issuer: TestIssuer, person: Delivering
) -> None:
    assert await person.rows("SELECT 1 FROM profiles")
    proved = {"acr": "mfa", "auth_time": int(time.time())}
    headers = {"Authorization": f"Bearer {issuer.token('data_admin', subject='e-7', **proved)}"}
    asked = {"field": "phone", "purpose": PURPOSE, "reason": "customer-asked"}
    assert (await api.post(f"/customers/{FIRST}/unmaskings", json=asked, headers=headers)).status_code == 422


def test_every_attribute_of_the_copy_is_one_that_the_catalogue_lets_a_customer_see() -> None:
    by_code = published().by_code
    assert {code: display(by_code[code], ["channel"], PURPOSE) for code in SOURCES} == dict.fromkeys(SOURCES, "clear")
    assert list(unlayered(OwnCopy, {"channel"})) == []
    judged = {"churn-risk", "risk-limit-class", "churn-alert", "override-and-appeal", "unmasking-trail"}
    assert not judged & SOURCES.keys()
    assert not {"relationship", "customer_class", "relationship_manager", "is_restricted"} & set(leaves_of(OwnCopy))
