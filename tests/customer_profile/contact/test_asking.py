"""A message that asks for a consent is not sent while a no to that consent is respected, and the refusal says so."""

import json
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from customer_profile.consent.documents import read_purposes
from rapport.clock import utc_now
from rapport.events.contact import ContactRequested
from tests.customer_profile.contact.asking import CARE, ask, care, decide, hand_over, told
from tests.customer_profile.contact.conftest import Begin
from tests.customer_profile.facts import ZHANG, customer, record
from tests.customer_profile.merge.merging import merge
from tests.support.delivering import Delivering

PATH = "/customers/c-1/consents"


def with_a_question(document: dict[str, Any]) -> None:
    """A message of the contract that asks whether care is allowed."""
    words = {language: {"text": "May we care for you?"} for language in ("zh", "en")}
    asks = {"template": "care-question", "version": 1, "purpose": "contract-performance", "asks_for": "churn-care"}
    document["templates"].append(asks | {"words": {"push": words}})


def question(request_id: str, **fields: Any) -> ContactRequested:
    asked = {"purpose": "contract-performance", "kind": "service", "template": "care-question", "parameters": []}
    return care(request_id, **asked | {"channels": ["push"]} | fields)


def act(name: str, days_ago: float) -> dict[str, Any]:
    """An act on care; a grant and a refusal are of the notice of that day."""
    at = utc_now() - timedelta(days=days_ago)
    notice = None if name == "withdrawn" else read_purposes().by_code["churn-care"].notice_at(at)
    return CARE | {"act": name, "occurred_at": at.isoformat(), "notice_version": notice and notice.version}


@pytest.fixture
async def service(begin: Begin) -> Delivering:
    service = await begin(words=with_a_question)
    other = ZHANG.model_copy(update={"id_type": "passport", "id_number": "E12345678"})
    await service.deliver(record(service, customer()), record(service, customer("c-2", identity=other)))
    return service


async def entered(api: AsyncClient, *acts: dict[str, Any], path: str = PATH) -> None:
    for one in acts:
        answer = await api.post(path, json=one)
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("acts", "outcome"),
    [
        ([], "contact-delivered"),
        ([("granted", 300.0)], "contact-delivered"),
        ([("declined", 1.0)], "refused"),
        ([("granted", 300.0), ("withdrawn", 179.9)], "refused"),
        ([("granted", 300.0), ("withdrawn", 180.1)], "contact-delivered"),
    ],
)
async def test_a_customer_is_asked_by_message_unless_the_last_word_was_a_no_of_the_last_180_days(
    service: Delivering, api: AsyncClient, acts: list[tuple[str, float]], outcome: str
) -> None:
    await entered(api, *[act(name, days) for name, days in acts])
    await ask(service, question("q"))
    await hand_over(service)
    assert await told(service) == {"q": outcome}


async def test_the_refusal_says_that_it_was_for_asking_and_the_contact_shows_it(
    service: Delivering, api: AsyncClient
) -> None:
    await entered(api, act("declined", 1))
    await ask(service, question("q"), care("offer"))
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'contact-refused'")
    facts = {fact["request_id"]: fact for fact in (json.loads(row.value) for row in rows)}
    assert {i: (fact["reason"], fact["asked_too_soon"]) for i, fact in facts.items()} == {
        "q": ("refused", True),
        "offer": ("refused", False),
    }
    shown = (await api.get("/customers/c-1/contacts")).json()["items"]
    assert {one["request_id"]: one["reason"] for one in shown} == {"q": "asked-too-soon", "offer": "refused"}


async def test_a_no_on_another_file_of_the_person_is_respected_too(service: Delivering, api: AsyncClient) -> None:
    await merge(service, "c-1", "c-2")
    await entered(api, act("declined", 1), path="/customers/c-2/consents")
    await ask(service, question("q"))
    assert await told(service) == {"q": "refused"}


async def test_a_no_that_comes_before_the_message_is_handed_over_stops_the_question(
    service: Delivering, api: AsyncClient
) -> None:
    await ask(service, question("q"))
    await entered(api, act("declined", 0))
    await hand_over(service)
    await decide(service)
    assert await told(service) == {"q": "refused"}
