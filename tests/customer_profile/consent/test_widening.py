"""A purpose that uses more data by now tells so in a new notice, and consent to the words of before covers no more."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from customer_profile.consent.documents import read_purposes
from customer_profile.consent.domain.acts import entered
from customer_profile.consent.domain.ledger import state_of
from customer_profile.consent.domain.purposes import Notice, Purpose
from rapport.clock import utc_now
from tests.customer_profile.consent.ledgers import BEGAN, DAY, DIGEST, NOW, SECOND_NOTICE, said
from tests.customer_profile.consent.test_api import PATH
from tests.customer_profile.consent.test_telling import told
from tests.customer_profile.facts import customer, record
from tests.support.delivering import Delivering

WIDER = Purpose(
    code="care",
    zh="关怀",
    en="Care",
    legal_bases=("consent",),
    data_categories=("interactions", "feedback"),
    separate_consent=None,
    notices=(
        Notice(1, BEGAN, "告知", "Notice", ("interactions",)),
        Notice(2, SECOND_NOTICE, "新告知", "New notice"),
    ),
)


@pytest.mark.parametrize(
    ("at", "covers", "may_ask"),
    [
        (BEGAN + DAY, ("interactions",), True),
        (SECOND_NOTICE - timedelta(microseconds=1), ("interactions",), True),
        (SECOND_NOTICE, ("interactions", "feedback"), False),
    ],
)
def test_a_consent_covers_what_the_words_shown_told_of_whenever_it_is_recorded(
    at: Any, covers: tuple[str, ...], may_ask: bool
) -> None:
    entry = entered(said(at=at, purpose=WIDER), WIDER, [], customer_id="c-1", by="e-1", now=NOW)
    state = state_of([entry], WIDER, NOW, ask_again_after=180 * DAY)
    assert (state.is_allowed, state.covers, entry.data_categories) == (True, covers, covers)
    assert (state.may_ask_from == NOW) is may_ask, "who agreed to less may be asked anew"


async def test_whose_consent_is_narrower_is_shown_so_may_be_asked_and_covers_all_after_a_new_grant(
    api: AsyncClient, service: Delivering
) -> None:
    await service.deliver(record(service, customer()))
    care = read_purposes().by_code["churn-care"]
    grant = {"purpose": "churn-care", "act": "granted", "channel": "mobile", "is_separate": True}
    grant |= {"evidence_digest": DIGEST}
    old = grant | {"notice_version": 1, "occurred_at": "2026-02-01T08:00:00Z"}
    assert (await api.post(PATH, json=old)).status_code == 201
    before = next(one for one in (await api.get(PATH)).json()["purposes"] if one["purpose"] == "churn-care")
    assert (before["allowed"], before["may_ask"]) == (True, True)
    assert set(before["data_categories"]) - set(before["covers"]) == {"feedback"}
    asked = await api.post(f"{PATH}/askings", json={"purpose": "churn-care", "channel": "mobile"})
    assert (asked.status_code, asked.json()["notice_version"]) == (201, 2)
    new = grant | {"notice_version": asked.json()["notice_version"], "occurred_at": utc_now().isoformat()}
    assert (await api.post(PATH, json=new)).status_code == 201
    after = next(one for one in (await api.get(PATH)).json()["purposes"] if one["purpose"] == "churn-care")
    assert (after["covers"], after["may_ask"], after["since"]) == (
        list(care.data_categories),
        False,
        "2026-02-01T08:00:00Z",
    )
    heard = [next(one for one in fact["purposes"] if one["purpose"] == "churn-care") for fact in await told(service)]
    assert ["feedback" in one["data_categories"] for one in heard] == [False, True]
    assert [one["may_ask_from"] for one in heard] == [None, None]
