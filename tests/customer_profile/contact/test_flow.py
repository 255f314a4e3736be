"""A request from Kafka to the channel and back, over a real database."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from rapport.clock import utc_now
from tests.customer_profile.contact.asking import (
    CARE,
    WITHDRAWN,
    answer,
    ask,
    care,
    decide,
    hand_over,
    states,
    sunk,
    told,
)
from tests.customer_profile.contact.conftest import Begin
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, customer, record
from tests.support.delivering import Delivering

CONSENTS = "/customers/c-1/consents"
SOON = timedelta(days=1)


@pytest.fixture(autouse=True)
async def recorded(service: Delivering) -> None:
    await service.deliver(record(service, customer()))


async def test_what_is_owed_reaches_the_customer_by_name_and_is_told_without(
    service: Delivering, tmp_path: Path
) -> None:
    await ask(service, answer())
    assert await states(service) == {"case-1": "decided"}
    await hand_over(service)
    (line,) = sunk(tmp_path)
    assert line["address"] == "+8613812341234"
    assert line["text"] == "张三丰先生，您反映的问题（编号case-1）已有答复，请在手机银行查看。"
    assert await told(service) == {"case-1": "contact-delivered"}
    (row,) = await service.rows("SELECT value FROM outbox WHERE topic = 'contact-delivered'")
    fact = json.loads(row.value)
    assert (fact["customer_id"], fact["channel"], fact["adapter"]) == ("c-1", "sms", "file")
    assert set(fact) == {"customer_id", "request_id", "channel", "adapter", "delivered_at"}


async def test_a_request_id_is_answered_once_whatever_is_said_with_it_again(
    service: Delivering, tmp_path: Path
) -> None:
    await ask(service, answer(), answer(), answer(language="en"))
    await hand_over(service)
    await ask(service, answer(template="security-warning"))
    await hand_over(service)
    assert len(sunk(tmp_path)) == 1
    assert await told(service) == {"case-1": "contact-delivered"}
    counts = await service.counts()
    assert (counts["applied"], counts["duplicate"]) == (2, 3)


async def test_a_request_id_of_two_customers_is_two_requests(service: Delivering, tmp_path: Path) -> None:
    await service.deliver(record(service, customer("c-2")))
    await ask(service, answer(), answer(customer_id="c-2"))
    await hand_over(service)
    assert len({line["key"] for line in sunk(tmp_path)}) == 2


async def test_without_consent_nothing_is_sent_and_a_no_is_told_apart_from_silence(
    service: Delivering, api: AsyncClient, tmp_path: Path
) -> None:
    await ask(service, care("before"))
    assert (await api.post(CONSENTS, json=CARE)).status_code == 201
    await ask(service, care("with"))
    await hand_over(service)
    assert (await api.post(CONSENTS, json=WITHDRAWN)).status_code == 201
    await ask(service, care("after"))
    await hand_over(service)
    assert await told(service) == {"before": "no-consent", "with": "contact-delivered", "after": "refused"}
    assert len(sunk(tmp_path)) == 1


async def test_consent_withdrawn_after_the_decision_stops_the_message(
    service: Delivering, api: AsyncClient, tmp_path: Path
) -> None:
    await api.post(CONSENTS, json=CARE)
    await ask(service, care("now"), care("later", not_before=utc_now() + SOON))
    assert await states(service) == {"now": "decided", "later": "waiting"}
    await api.post(CONSENTS, json=WITHDRAWN)
    await hand_over(service)
    await service.rows_written("UPDATE contacts SET due_at = now() WHERE state = 'waiting'")
    await decide(service)
    assert await told(service) == {"now": "refused", "later": "refused"}
    assert sunk(tmp_path) == []


async def test_the_cap_is_of_the_bank_and_an_obligation_is_not_capped(
    service: Delivering, api: AsyncClient, tmp_path: Path
) -> None:
    await api.post(CONSENTS, json=CARE)
    soon = utc_now() + SOON
    await ask(service, *[care(f"care-{n}", channels=["sms", "push"][n % 2 :]) for n in range(3)], answer())
    await ask(service, care("short-lived", expires_at=soon))
    await hand_over(service)
    found = await told(service)
    assert sorted(found.values()) == ["capped", "contact-delivered", "contact-delivered", "contact-delivered"]
    assert (found["case-1"], found["short-lived"]) == ("contact-delivered", "capped")
    waiting = [request_id for request_id, state in (await states(service)).items() if state == "waiting"]
    (row,) = await service.rows("SELECT due_at FROM contacts WHERE state = 'waiting'")
    first = (await service.rows("SELECT min(sent_at) AS at FROM contacts WHERE kind = 'marketing'"))[0].at
    assert len(waiting) == 1
    assert abs(row.due_at - first - timedelta(days=7)) < timedelta(seconds=10)


async def test_who_asks_is_never_laxer_than_the_purpose(service: Delivering, api: AsyncClient) -> None:
    await api.post(CONSENTS, json=CARE)
    await ask(service, *[care(f"care-{n}", kind="obligation") for n in range(3)])
    assert sorted((await states(service)).values()) == ["decided", "decided", "waiting"]


def _quiet_all_day_but_a_minute(policy: dict[str, Any]) -> None:
    local = (utc_now() + timedelta(hours=8)).replace(second=0, microsecond=0)
    policy["kinds"]["service"]["quiet_hours"] = True
    policy["quiet_hours"] = {"begin": f"{local - 2 * HOUR:%H:%M}", "end": f"{local + 2 * HOUR:%H:%M}"}


async def test_in_quiet_hours_it_waits_until_they_are_over_or_is_refused(begin: Begin) -> None:
    service = await begin(_quiet_all_day_but_a_minute)
    await service.deliver(record(service, customer()))
    welcome = {
        "purpose": "contract-performance",
        "kind": "service",
        "template": "tier-welcome",
        "parameters": [{"name": "since", "day": "2026-03-01"}],
        "channels": ["push"],
    }
    await ask(service, care("waits", **welcome), care("cannot", **welcome, expires_at=utc_now() + HOUR), answer())
    assert await states(service) == {"waits": "waiting", "cannot": "refused", "case-1": "decided"}
    (row,) = await service.rows("SELECT due_at FROM contacts WHERE request_id = 'waits'")
    assert timedelta(hours=1) < row.due_at - utc_now() <= timedelta(hours=2)
    assert await told(service) == {"cannot": "quiet-hours-past-expiry"}


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "a template nobody knows": ({"template": "spam"}, "template-unknown"),
    "a version nobody knows": ({"template_version": 9}, "template-unknown"),
    "a template of another purpose": ({"template": "security-warning"}, "template-unknown"),
    "a place without a value": ({"parameters": []}, "template-unknown"),
    "a value of another kind": ({"parameters": [{"name": "case", "number": "17"}]}, "template-unknown"),
    "a channel without words": ({"channels": ["wecom"]}, "template-unknown"),
    "a purpose without rules": ({"purpose": "group-sharing"}, "no-consent"),
    "a time that is over": ({"expires_at": "2026-01-01T00:00:00Z"}, "expired"),
    "a time that begins after its end": (
        {"not_before": utc_now() + 3 * SOON, "expires_at": utc_now() + 2 * SOON},
        "expired",
    ),
    "somebody whom nobody knows": ({"customer_id": "c-nobody"}, "no-address"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_request_that_cannot_be_met_is_refused_with_its_reason(service: Delivering, refusal: str) -> None:
    asked, reason = REFUSALS[refusal]
    await ask(service, answer(**asked))
    await hand_over(service)
    assert await told(service) == {"case-1": reason}


FILES: dict[str, tuple[Callable[[], Any], dict[str, str]]] = {
    "a customer who left gets what is owed": (
        lambda: customer(status="closed", recorded_at=MONDAY + HOUR),
        {"case-1": "contact-delivered", "warning": "contact-delivered", "welcome": "status"},
    ),
    "nobody writes to the dead": (
        lambda: customer(status="deceased", recorded_at=MONDAY + HOUR),
        {"case-1": "status", "warning": "status", "welcome": "status"},
    ),
    "without a name, only words that need none": (
        lambda: customer(identity=None, recorded_at=MONDAY + HOUR),
        {"case-1": "no-address", "warning": "no-address", "welcome": "no-address"},
    ),
    "without a telephone, no text message": (
        lambda: customer(identity=ZHANG.model_copy(update={"phone": None}), recorded_at=MONDAY + HOUR),
        {"case-1": "no-address", "warning": "contact-delivered", "welcome": "contact-delivered"},
    ),
    "a number that is none is no address": (
        lambda: customer(identity=ZHANG.model_copy(update={"phone": "99999999"}), recorded_at=MONDAY + HOUR),
        {"case-1": "no-address", "warning": "contact-delivered", "welcome": "contact-delivered"},
    ),
}


async def test_whoever_is_restricted_gets_what_is_owed_and_no_more(service: Delivering) -> None:
    await service.rows_written("UPDATE profiles SET is_restricted = true")
    await ask(service, answer(), answer("case-2", kind="service"), answer("case-3", kind="marketing"))
    await hand_over(service)
    assert await told(service) == {"case-1": "contact-delivered", "case-2": "status", "case-3": "status"}


@pytest.mark.parametrize("case", FILES)
async def test_the_file_says_who_is_reached_and_how(service: Delivering, case: str) -> None:
    changed, expected = FILES[case]
    await service.deliver(record(service, changed()))
    day = [{"name": "on", "day": "2026-03-01"}]
    warning = {
        "purpose": "risk-management",
        "template": "security-warning",
        "parameters": day,
        "channels": ["sms", "push"],
    }
    welcome = {
        "purpose": "contract-performance",
        "template": "tier-welcome",
        "parameters": [{"name": "since", "day": "2026-03-01"}],
        "channels": ["push"],
    }
    await ask(service, answer(), answer("warning", **warning), answer("welcome", **welcome))
    await hand_over(service)
    assert await told(service) == expected


async def test_identity_whose_key_is_destroyed_reaches_nobody(service: Delivering, tmp_path: Path) -> None:
    await service.rows_written("DELETE FROM data_keys")
    await ask(service, answer())
    await hand_over(service)
    assert await told(service) == {"case-1": "no-address"}
    assert sunk(tmp_path) == []
