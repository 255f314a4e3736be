"""Who answers for data sees of each service what it may hold and where, and what it refused; never a value."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from rapport.privacy.catalogue.document import published, versions
from rapport.web.scopes import ROLE_SCOPES
from tests.services.authentication_data import records
from tests.shared.privacy.authentication_data.samples import samples
from tests.support.delivering import Delivering
from tests.support.serving import Subject
from tests.support.tokens import TestIssuer

READERS = {"dpo", "compliance", "auditor", "data_admin", "operator"}


@pytest.fixture
async def client(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    transport, headers = httpx.ASGITransport(app), issuer.bearer("dpo")
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
        yield client


async def test_every_entry_is_shown_with_the_columns_of_this_service(
    client: httpx.AsyncClient, service: Delivering
) -> None:
    shown = (await client.get("/catalogue")).json()
    assert shown["version"] == published().version
    assert [entry["code"] for entry in shown["entries"]] == [entry.code for entry in published().entries]
    told = {column for entry in shown["entries"] for column in entry["columns"]}
    there = await service.rows(
        "SELECT table_name || '.' || column_name AS name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name NOT LIKE 'alembic%' AND table_name !~ '^inbox_'"
    )
    assert told == {row.name for row in there}


async def test_entries_are_chosen_by_class_domain_and_whether_they_are_held(
    client: httpx.AsyncClient, subject: Subject
) -> None:
    async def codes(**asked: str) -> set[str]:
        return {entry["code"] for entry in (await client.get("/catalogue", params=asked)).json()["entries"]}

    everything = {entry.code: entry for entry in published().entries}
    assert await codes(**{"class": "C2"}) == {code for code, entry in everything.items() if entry.data_class == "C2"}
    assert await codes(**{"class": "C3"}) == set()
    assert await codes(domain="basic") == {code for code, entry in everything.items() if entry.domain == "basic"}
    held, others = await codes(held="true"), await codes(held="false")
    assert held | others == set(everything)
    assert not held & others
    assert ("full-name" in held) == (subject.package == "customer_profile")


HOLDERS = {
    "customer_profile": {
        "risk-preference",
        "interaction",
        "holding",
        "tier-decision",
        "churn-risk",
        "churn-alert",
        "feedback-case",
        "lifecycle-stage",
    },
    "scoring": {"customer-segment", "holding", "tier-decision"},
    "churn_alert": {
        "interaction",
        "churn-risk",
        "churn-alert",
        "customer-segment",
        "holding",
        "lifecycle-stage",
        "tier-decision",
    },
    "feedback": {"feedback-case", "tier-decision"},
}


async def test_whoever_holds_an_attribute_is_named_also_where_it_came_from_another_service(
    client: httpx.AsyncClient, subject: Subject
) -> None:
    held = (await client.get("/catalogue", params={"held": "true"})).json()["entries"]
    spread = {code for codes in HOLDERS.values() for code in codes}
    assert {entry["code"] for entry in held} & spread == HOLDERS[subject.package]
    if subject.package == "customer_profile":
        of = {entry["code"]: entry["columns"] for entry in held}
        assert all("portrait_facts.document" in of[code] for code in HOLDERS[subject.package])


async def test_an_older_version_is_shown_as_it_was_published(client: httpx.AsyncClient) -> None:
    for number, catalogue in versions().items():
        shown = (await client.get("/catalogue", params={"version": number})).json()
        assert (shown["version"], shown["effective"]) == (number, f"{catalogue.effective}")
        assert [entry["purpose"] for entry in shown["entries"]] == [entry.purpose for entry in catalogue.entries]
        assert any(entry["columns"] for entry in shown["entries"])
    unknown = await client.get("/catalogue", params={"version": max(versions()) + 1})
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")


async def test_what_was_refused_is_counted_by_topic_or_operation_field_and_kind(
    client: httpx.AsyncClient, service: Delivering
) -> None:
    sent = list(samples(12))
    for raw in records(service, sent):
        await service.deliver(raw)
    answer = await client.get("/catalogue", params={"domain": "CVV 123"})
    assert answer.json()["errors"] == [
        {"field": "/query/domain/0", "reason": "holds authentication data (card-verification): leave it out"}
    ]
    fields = (await client.get("/catalogue/refused-fields")).json()["fields"]
    assert sum(field["records"] for field in fields if field["topic"] != "GET /catalogue") == len(sent)
    (asked,) = [field for field in fields if field["topic"] == "GET /catalogue"]
    assert (asked["field"], asked["kind"], asked["records"]) == ("/query/domain/0", "card-verification", 1)
    assert {field["kind"] for field in fields} == {sample.kind for sample in sent} | {"magnetic-track"}
    for sample in sent:
        assert sample.secret not in str(fields)


async def test_only_who_answers_for_data_reads_it(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    for role in ROLE_SCOPES:
        for path in ("/catalogue", "/catalogue/refused-fields"):
            answer = await client.get(path, headers=issuer.bearer(role))
            assert answer.status_code == (200 if role in READERS else 403), (role, path)
