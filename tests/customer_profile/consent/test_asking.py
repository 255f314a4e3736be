"""Whoever asks a customer for a consent says so before, and hears for how long a no is respected."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from customer_profile.consent.domain.asking import NotToBeAsked, demand_may_ask, waits
from customer_profile.consent.domain.ledger import state_of
from customer_profile.merge.domain.proposals import Evidence
from rapport.clock import utc_now
from tests.customer_profile.access.bank import FOREIGN, MANAGER, OWN, client_of, open_bank
from tests.customer_profile.consent.ledgers import BEGAN, DAY, PURPOSES, SMS, ledger, said
from tests.customer_profile.consent.test_api import GRANT, PATH, WITHDRAWAL
from tests.customer_profile.consent.test_telling import told
from tests.customer_profile.facts import customer, record
from tests.customer_profile.merge.merging import merge
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

ASKING = {"purpose": "marketing-sms", "channel": "contact-centre"}
LONG_AGO = {"occurred_at": "2026-02-02T08:00:00Z"}


@pytest.fixture(autouse=True)
async def recorded(service: Delivering) -> None:
    await service.deliver(record(service, customer()))


async def post(api: AsyncClient, body: dict[str, Any], path: str = PATH) -> httpx.Response:
    answer = await api.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer


async def asked(api: AsyncClient, path: str = PATH, **fields: Any) -> httpx.Response:
    return await api.post(f"{path}/askings", json=ASKING | fields)


async def noted(service: Delivering) -> int:
    ((count,),) = await service.rows("SELECT count(*) FROM consent_askings")
    return int(count)


@given(
    st.lists(st.tuples(st.sampled_from(["granted", "declined"]), st.integers(1, 60)), max_size=8),
    st.integers(1, 40),
    st.integers(0, 100),
)
def test_a_customer_may_be_asked_if_the_last_word_is_no_yes_and_no_no_of_the_last_n_days(
    told: list[tuple[str, int]], respected: int, day: int
) -> None:
    """Recomputed day by day from what was said, a no counting before a yes of the same day."""
    entries = ledger(*[said(act, at=BEGAN + number * DAY) for act, number in told])
    purposes = replace(PURPOSES, ask_again_after=respected * DAY)
    at = BEGAN + day * DAY
    state = state_of(entries, SMS, at, ask_again_after=purposes.ask_again_after)
    days = [number for _, number in told if number <= day]
    last = max(days, default=None)
    says_no = ("declined", last) in told
    expected = last is None or (says_no and day >= last + respected)
    try:
        demand_may_ask(state, at)
    except NotToBeAsked:
        assert not expected
    else:
        assert expected
    assert waits(state, at) == (says_no and last is not None and day < last + respected)


async def test_who_was_never_asked_may_be_and_the_words_shown_are_noted(api: AsyncClient, service: Delivering) -> None:
    noted_now = (await asked(api)).json()
    assert (noted_now["purpose"], noted_now["channel"], noted_now["notice_version"]) == (*ASKING.values(), 1)
    assert await noted(service) == 1
    with pytest.raises(DBAPIError, match="consent_askings only grows"):
        await service.rows_written("DELETE FROM consent_askings")


@pytest.mark.parametrize("act", [WITHDRAWAL, GRANT | {"act": "declined", "evidence_digest": None}])
async def test_after_a_no_the_question_is_refused_with_its_purpose_and_the_day_and_a_grant_is_not(
    api: AsyncClient, service: Delivering, act: dict[str, Any]
) -> None:
    await post(api, GRANT)
    await post(api, act | {"occurred_at": (utc_now() - timedelta(days=100)).isoformat()})
    refused = await asked(api)
    day = f"{utc_now() + timedelta(days=80):%Y-%m-%d}"
    assert (refused.status_code, refused.json()["title"]) == (409, "The customer is not to be asked now")
    ((fault),) = refused.json()["errors"]
    assert fault["field"] == "purpose"
    assert "marketing-sms was declined or withdrawn" in fault["reason"]
    assert day in fault["reason"]
    assert await noted(service) == 0
    assert (await asked(api, purpose="marketing-phone")).status_code == 201, "of another purpose nothing was said"
    await post(api, GRANT | {"occurred_at": utc_now().isoformat()})


async def test_when_the_time_is_over_the_customer_may_be_asked_again(api: AsyncClient, service: Delivering) -> None:
    await post(api, GRANT)
    await post(api, WITHDRAWAL | LONG_AGO)
    assert (await asked(api)).status_code == 201
    assert await noted(service) == 1


async def test_who_allows_it_or_is_not_asked_at_all_is_left_alone(api: AsyncClient, service: Delivering) -> None:
    await post(api, GRANT)
    granted = await asked(api)
    assert (granted.status_code, "nothing to ask" in granted.text) == (409, True)
    for purpose in ("contract-performance", "nothing"):
        answer = await asked(api, purpose=purpose)
        assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["purpose"])
    assert await noted(service) == 0


async def test_a_no_told_to_another_manager_of_the_person_is_respected(
    app: FastAPI, api: AsyncClient, service: Delivering, issuer: TestIssuer
) -> None:
    await open_bank(service)
    async with client_of(app, issuer, "rm", subject=MANAGER) as manager:
        path = f"/customers/{OWN}/consents"
        assert (await asked(manager, path)).status_code == 201
        await merge(service, OWN, FOREIGN, evidence=Evidence("police-certificate", "a" * 64))
        declined = GRANT | {"act": "declined", "evidence_digest": None, "occurred_at": utc_now().isoformat()}
        await post(api, declined, f"/customers/{FOREIGN}/consents")
        refused = await asked(manager, path)
        assert refused.status_code == 409
        assert FOREIGN not in refused.text


async def test_a_channel_asks_by_the_same_rule_and_both_views_say_from_when(
    app: FastAPI, api: AsyncClient, service: Delivering, issuer: TestIssuer
) -> None:
    await open_bank(service)
    async with client_of(app, issuer, "channel", subject="app") as phone:
        assert (await asked(phone, "/me/consents")).status_code == 201
        await post(phone, GRANT, "/me/consents")
        await post(phone, WITHDRAWAL, "/me/consents")
        assert (await asked(phone, "/me/consents")).status_code == 409
        shown = [(await client.get(path)).json() for client, path in ((phone, "/me/consents"), (api, _staff()))]
        both = [next(one for one in view["purposes"] if one["purpose"] == "marketing-sms") for view in shown]
        assert [one["may_ask"] for one in both] == [False, False]
        assert both[0]["may_ask_from"] == both[1]["may_ask_from"] > (utc_now() + timedelta(days=179)).isoformat()
        await post(phone, GRANT | {"occurred_at": utc_now().isoformat()}, "/me/consents")


def _staff() -> str:
    return f"/customers/{OWN}/consents"


async def test_others_hear_from_when_on_a_customer_who_said_no_may_be_asked(
    api: AsyncClient, service: Delivering
) -> None:
    await post(api, GRANT)
    await post(api, WITHDRAWAL | LONG_AGO)
    heard = [{one["purpose"]: one["may_ask_from"] for one in fact["purposes"]} for fact in await told(service)]
    assert [set(fact.values()) for fact in heard] == [{None}, {None, "2026-08-01T08:00:00Z"}]
    assert heard[1]["marketing-sms"] == "2026-08-01T08:00:00Z"


async def test_of_a_withdrawal_and_a_question_at_once_none_is_lost_and_the_next_question_is_refused(
    api: AsyncClient, service: Delivering
) -> None:
    await post(api, GRANT)
    answers = await asyncio.gather(api.post(PATH, json=WITHDRAWAL), *(asked(api) for _ in range(5)))
    assert answers[0].status_code == 201
    assert {one.status_code for one in answers[1:]} == {409}
    assert (await asked(api)).status_code == 409
    assert await noted(service) == 0
