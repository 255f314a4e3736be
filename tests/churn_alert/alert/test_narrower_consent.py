"""Whose consent to care told nothing of feedback has a risk that is made without it, until they agree anew."""

from itertools import permutations
from typing import Any

import httpx
import pytest

from tests.churn_alert.alert.test_merging import act, alerts
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, complained
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.grouping import merge

BUSY_UNTIL = SILENT_FROM - 2 * DAY
NARROW, WIDE = ["transactions", "interactions"], ["transactions", "interactions", "feedback"]


async def say(service: Delivering, customer_id: str, revision: int, covering: list[str] | None) -> None:
    """None: refused."""
    how: dict[str, Any] = {"refused": ["churn-care"]} if covering is None else {"covering": {"churn-care": covering}}
    await service.deliver(service.feed.record(consents(customer_id, revision=revision, **how), time=BUSY_UNTIL))


async def complain(service: Delivering, customer_id: str, times: int = 6) -> None:
    """Some days before the last that is heard of the customer."""
    events = [complained(customer_id, BUSY_UNTIL - (5 + number) * DAY) for number in range(times)]
    await service.deliver(*[service.feed.record(one, time=one.submitted_at) for one in events])


async def shown(api: httpx.AsyncClient, customer_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"/risks/{customer_id}")).json()
    return found


async def probabilities(service: Delivering) -> dict[str, float]:
    rows = await service.rows("SELECT customer_id, probability FROM risks")
    return {row.customer_id: row.probability for row in rows}


@pytest.fixture(autouse=True)
async def lives(service: Delivering, live: Live) -> None:
    """Three of the same life; the first two complained."""
    for customer_id in ("c-1", "c-2", "c-3"):
        if customer_id != "c-3":
            await complain(service, customer_id)
        await live(customer_id, until=BUSY_UNTIL)


async def test_the_risk_is_that_of_one_who_never_complained_and_a_consent_to_more_counts_all_at_once(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    with_complaints, without = (await probabilities(service))["c-1"], (await probabilities(service))["c-3"]
    assert with_complaints > 10 * without
    await say(service, "c-1", 1, NARROW)
    found = await probabilities(service)
    assert (found["c-1"], found["c-2"]) == (pytest.approx(without, rel=1e-12), with_complaints)
    view = await shown(api, "c-1")
    assert (view["without_feedback"], view["negative_feedbacks"]) == (True, 6)
    measured = {one["name"]: one["value"] for one in view["indicators"]}
    assert measured["negative-feedback"] == 0
    await say(service, "c-1", 2, WIDE)
    assert (await probabilities(service))["c-1"] == with_complaints
    assert not (await shown(api, "c-1"))["without_feedback"]


async def test_what_is_complained_of_after_the_consent_does_not_count_either(service: Delivering) -> None:
    await say(service, "c-3", 1, NARROW)
    before = (await probabilities(service))["c-3"]
    await complain(service, "c-3")
    assert (await probabilities(service))["c-3"] == pytest.approx(before, rel=1e-12)


async def test_who_allows_care_again_by_the_old_words_is_decided_without_feedback_at_once(service: Delivering) -> None:
    without = (await probabilities(service))["c-3"]
    await say(service, "c-1", 1, None)
    await say(service, "c-1", 2, NARROW)
    assert (await probabilities(service))["c-1"] == pytest.approx(without, rel=1e-12)
    decided = await service.rows("SELECT 1 FROM risk_crossings WHERE customer_id = 'c-1'")
    assert decided == []


async def test_in_whatever_order_the_words_come_the_latest_holds(service: Delivering) -> None:
    said = ((1, NARROW), (2, None), (3, WIDE), (4, NARROW))
    for number, order in enumerate(permutations(said)):
        for revision, covering in order:
            await say(service, f"d-{number}", revision, covering)
    rows = await service.rows(
        "SELECT count(*) FROM risks WHERE without_feedback AND NOT consent_refused AND customer_id LIKE 'd-%'"
    )
    assert [tuple(row) for row in rows] == [(24,)]


async def test_a_repeat_of_what_is_heeded_writes_nothing(service: Delivering) -> None:
    await say(service, "c-1", 1, NARROW)
    ((before,),) = await service.rows("SELECT xmin::text FROM risks WHERE customer_id = 'c-1'")
    await say(service, "c-1", 1, NARROW)
    ((after,),) = await service.rows("SELECT xmin::text FROM risks WHERE customer_id = 'c-1'")
    assert after == before
    assert await alerts(service) == []


async def test_a_narrower_consent_on_any_file_counts_for_the_person(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await say(service, "c-2", 1, NARROW)
    await act(service, merge(1, "c-1", "c-2"))
    measured = {one["name"]: one["value"] for one in (await shown(api, "c-1"))["indicators"]}
    assert measured["negative-feedback"] == 0
