"""Each act is told with all purposes, and told again in time; the facts of one customer rise in revision."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from httpx import AsyncClient

from customer_profile.consent.documents import read_purposes
from customer_profile.consent.domain.acts import Said
from customer_profile.consent.handlers import present_consents, record_act
from rapport.clock import utc_now
from rapport.messaging.retelling import EVERY, Retelling, States
from tests.customer_profile.consent.test_api import GRANT, PATH, WITHDRAWAL
from tests.customer_profile.facts import customer, record
from tests.support.delivering import Delivering

NOW_VERSION = read_purposes().version


async def told(service: Delivering) -> list[dict[str, Any]]:
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'consent-changed' ORDER BY outbox_id")
    return [json.loads(row.value) for row in rows]


async def test_every_act_is_told_once_with_all_purposes(api: AsyncClient, service: Delivering) -> None:
    await service.deliver(record(service, customer()))
    for body in (GRANT, GRANT, WITHDRAWAL, GRANT | {"purpose": "tiering"}):
        await api.post(PATH, json=body)
    facts = await told(service)
    assert [fact["revision"] for fact in facts] == [NOW_VERSION * 2**32 + 1, NOW_VERSION * 2**32 + 2]
    assert (await api.get(PATH)).json()["consent_version"] == NOW_VERSION * 2**32 + 2
    for fact, allowed in zip(facts, (True, False), strict=True):
        by_code = {one["purpose"]: one for one in fact["purposes"]}
        assert set(by_code) == set(read_purposes().by_code)
        assert by_code["marketing-sms"]["allowed"] is allowed
        assert by_code["tiering"] == {
            "purpose": "tiering",
            "allowed": False,
            "since": None,
            "legal_basis": "consent",
            "notice_version": None,
            "may_ask_from": None,
            "data_categories": None,
        }
    assert [one["notice_version"] for one in facts[0]["purposes"] if one["purpose"] == "marketing-sms"] == [1]


async def test_an_act_that_came_late_is_told_though_what_is_allowed_stays(
    api: AsyncClient, service: Delivering
) -> None:
    await service.deliver(record(service, customer()))
    for day in (20, 10):
        await api.post(PATH, json=GRANT | {"occurred_at": f"2026-01-{day}T08:00:00Z"})
    first, second = await told(service)
    since = [
        next(one["since"] for one in fact["purposes"] if one["purpose"] == "marketing-sms") for fact in (first, second)
    ]
    assert since == ["2026-01-20T08:00:00Z", "2026-01-10T08:00:00Z"]


async def test_what_holds_is_told_again_as_it_was_told(api: AsyncClient, service: Delivering) -> None:
    ids = [f"c-{number}" for number in range(1, 4)]
    await service.deliver(*[record(service, customer(i)) for i in [*ids, "c-silent"]])
    for customer_id in ids:
        await api.post(f"/customers/{customer_id}/consents", json=GRANT)
    before = await told(service)
    states = next(one for one in service.runtime.composition.states if one.concept == "consents")
    again = Retelling(service.runtime.transactions, states)
    assert not await again.tell_page(utc_now())
    while await again.tell_page(utc_now() + EVERY + timedelta(seconds=1)):
        pass
    assert (await told(service))[len(before) :] == sorted(before, key=lambda fact: fact["customer_id"])


def by_version(version: int) -> States:
    """The states as a process with that version of the document tells them."""
    return States("consents", partial(present_consents, purposes=replace(read_purposes(), version=version)), version)


async def test_a_new_version_of_the_purposes_reaches_everybody_with_a_ledger_once(
    api: AsyncClient, service: Delivering
) -> None:
    ids = [f"c-{number}" for number in range(1, 4)]
    await service.deliver(*[record(service, customer(i)) for i in [*ids, "c-silent"]])
    for customer_id in ids:
        await api.post(f"/customers/{customer_id}/consents", json=GRANT)
    before, now = await told(service), utc_now()
    one, two = (Retelling(service.runtime.transactions, by_version(NOW_VERSION + later)) for later in (0, 1))
    assert not await one.tell_page(now), "a first start tells nothing again"
    for retelling in (two, two, one, two):
        assert not await retelling.tell_page(now), "three are one page"
    again = (await told(service))[len(before) :]
    assert [(fact["customer_id"], fact["revision"]) for fact in again] == [
        (i, (NOW_VERSION + 1) * 2**32 + 1) for i in ids
    ]
    assert min(fact["revision"] for fact in again) > max(fact["revision"] for fact in before)


async def test_an_act_heard_by_a_process_of_before_is_not_told_as_older_than_what_the_new_one_told(
    api: AsyncClient, service: Delivering
) -> None:
    await service.deliver(record(service, customer()))
    await api.post(PATH, json=GRANT)
    for version in (NOW_VERSION, NOW_VERSION + 1):
        await Retelling(service.runtime.transactions, by_version(version)).tell_page(utc_now())
    async with service.runtime.transactions.begin(customers=["c-1"]) as tx:
        said = Said("marketing-sms", "withdrawn", "mobile", tx.now, None, is_separate=False, evidence_digest=None)
        await record_act(tx, "c-1", said, purposes=read_purposes(), by="e-1")
    told_by = [(fact["revision"] >> 32, fact["revision"] % 2**32) for fact in await told(service)]
    assert told_by == [(NOW_VERSION, 1), (NOW_VERSION + 1, 1), (NOW_VERSION + 1, 2)]
