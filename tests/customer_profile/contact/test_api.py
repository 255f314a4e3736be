"""What a customer was told is listed with its reason, and the rules that led to it are shown."""

import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from customer_profile.contact.documents import TEMPLATES
from customer_profile.contact.views import CONTACT, POLICY, ContactPolicyView, ContactView
from rapport.web.scopes import ROLE_SCOPES
from tests.customer_profile.contact.asking import CARE, WITHDRAWN, answer, ask, care, hand_over
from tests.customer_profile.facts import customer, record
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

PATH = "/customers/c-1/contacts"


@pytest.fixture(autouse=True)
async def recorded(service: Delivering) -> None:
    await service.deliver(record(service, customer()))


async def test_what_reached_the_customer_and_what_did_not_is_listed_a_page_at_a_time(
    service: Delivering, api: AsyncClient
) -> None:
    await ask(service, answer("case-1"))
    await ask(service, care("care-1"))
    await hand_over(service)
    await ask(service, answer("case-2"))
    first = (await api.get(PATH, params={"limit": 2})).json()
    rest = (await api.get(PATH, params={"limit": 2, "cursor": first["next"]})).json()
    found = [(one["request_id"], one["state"], one["reason"], one["adapter"]) for one in first["items"] + rest["items"]]
    assert found == [
        ("case-1", "delivered", None, "file"),
        ("care-1", "refused", "no-consent", None),
        ("case-2", "decided", None, None),
    ]
    assert rest["next"] is None


async def test_each_decision_says_by_which_policy_and_which_consents_it_was_made(
    service: Delivering, api: AsyncClient
) -> None:
    await ask(service, care("care-0"))
    known = [None]
    for number, act in enumerate((CARE, WITHDRAWN), start=1):
        assert (await api.post("/customers/c-1/consents", json=act)).status_code == 201
        known.append((await api.get("/customers/c-1/consents")).json()["consent_version"])
        await ask(service, care(f"care-{number}"))
        await hand_over(service)
    found = (await api.get(PATH)).json()["items"]
    assert [(one["state"], one["policy_version"]) for one in found] == [
        ("refused", 7),
        ("delivered", 7),
        ("refused", 7),
    ]
    assert [one["consent_version"] for one in found] == known
    assert len(set(known)) == 3


async def test_of_nobody_nothing_is_listed(api: AsyncClient) -> None:
    assert (await api.get("/customers/c-404/contacts")).status_code == 404


async def test_the_rules_are_shown_with_what_can_be_sent(api: AsyncClient, tmp_path: Path) -> None:
    shown = (await api.get("/contacts/policy")).json()
    written = json.loads((tmp_path / "policy.json").read_text())
    assert {one["kind"]: one["at_most"] for one in shown["kinds"]} == {
        kind: (one["cap"] or {}).get("at_most") for kind, one in written["kinds"].items()
    }
    assert {one["purpose"] for one in shown["purposes"]} == set(written["purposes"])
    assert len(shown["templates"]) == len(json.loads(TEMPLATES.read_text(encoding="utf-8"))["templates"])
    assert shown["channels"] == ["email", "push", "sms", "wecom"]
    assert (shown["quiet_from"], shown["time_zone"]) == ("21:00:00", "Asia/Shanghai")


async def test_who_answers_customers_or_watches_over_it_reads_it(app: FastAPI, issuer: TestIssuer) -> None:
    may = {role for role, scopes in ROLE_SCOPES.items() if "contacts:read" in scopes}
    assert may == {
        "rm", "team_lead", "support", "complaint_officer", "compliance", "dpo", "auditor", "data_admin", "service",
    }  # fmt: skip
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        for role in ("channel", "operator", "analyst"):
            for path in (PATH, "/contacts/policy"):
                assert (await client.get(path, headers=issuer.bearer(role))).status_code == 403


def test_the_examples_are_what_the_models_answer() -> None:
    assert ContactView.model_validate(CONTACT).model_dump(mode="json") == CONTACT
    assert ContactPolicyView.model_validate(POLICY).model_dump(mode="json") == POLICY
