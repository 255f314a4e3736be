"""Whose relationship is restricted or over, or who died, is not warned of, until that is lifted."""

from itertools import permutations
from typing import Any

import httpx
import pytest

from rapport.events.customer_profile import CustomerProfiled
from tests.churn_alert.alert.test_consent import say as say_of_care
from tests.churn_alert.alert.test_consent import told_last
from tests.churn_alert.alert.test_merging import act, alerts, deliver, states, sweep
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, steady
from tests.support.delivering import Delivering
from tests.support.grouping import merge, person, unmerge

NOW = SILENT_FROM + 70 * DAY
GONE: list[dict[str, Any]] = [
    {"relationship": "restricted"},
    {"relationship": "exited", "status": "closed"},
    {"status": "deceased"},
    {"status": "closed"},
]


async def say(service: Delivering, revision: int, customer_id: str = "c-1", **said: Any) -> None:
    facts = {"type": "personal", "customer_class": "ordinary", "unit": "B1", "status": "active", "as_of": NOW} | said
    told = CustomerProfiled(customer_id=customer_id, revision=revision, **facts)
    await service.deliver(service.feed.record(told, time=NOW, source="customer-profile"))


@pytest.mark.parametrize("said", GONE)
async def test_the_open_alert_closes_in_words_that_an_old_reader_takes_and_none_is_opened(
    service: Delivering, live: Live, api: httpx.AsyncClient, said: dict[str, Any]
) -> None:
    await live("c-1", until=NOW)
    await say(service, 1, **said)
    assert await alerts(service) == [("c-1", "closed", "restricted")]
    told = await told_last(service)
    assert (told["status"], told["outcome"], told["consent_refused"], told["restricted"]) == (
        "closed",
        None,
        False,
        True,
    )
    while await sweep(service):
        pass
    assert len(await alerts(service)) == 1
    shown = (await api.get("/risks/c-1")).json()
    assert (shown["level"], shown["probability"], shown["silence_raises_at"]) == ("restricted", None, None)
    (listed,) = (await api.get("/risks")).json()["items"]
    assert listed["level"] == "restricted"


async def test_while_it_holds_nothing_is_reckoned_and_what_is_done_is_counted(service: Delivering, live: Live) -> None:
    await say(service, 1, relationship="restricted")
    await live("c-1", until=NOW)
    while await sweep(service):
        pass
    assert await alerts(service) == []
    (row,) = await service.rows("SELECT probability, own_transactions > 0 AS is_counted, due_at FROM risks")
    assert tuple(row) == (None, True, None)


async def test_once_it_is_lifted_who_is_at_risk_still_is_warned_of_at_once(service: Delivering, live: Live) -> None:
    await live("c-1", until=NOW)
    await say(service, 1, relationship="restricted")
    await say(service, 2, relationship="active")
    assert await alerts(service) == [("c-1", "closed", "restricted"), ("c-1", "opened", None)]
    await say(service, 1, relationship="restricted")
    assert (await alerts(service))[-1] == ("c-1", "opened", None)


async def test_of_two_causes_each_holds_alone_and_the_customers_own_word_is_told(
    service: Delivering, live: Live
) -> None:
    await live("c-1", until=NOW)
    await say(service, 1, relationship="restricted")
    await say_of_care(service, 1, allowed=False)
    await say(service, 2, relationship="active")
    assert await alerts(service) == [("c-1", "closed", "restricted")]
    await say_of_care(service, 2, allowed=True)
    assert (await alerts(service))[-1] == ("c-1", "opened", None)


async def test_of_who_is_neither_nothing_is_kept_before_anything_else_is_heard(service: Delivering) -> None:
    await say(service, 1, relationship="active")
    await say(service, 2, relationship=None)
    assert await service.rows("SELECT 1 FROM risks") == []


async def test_in_whatever_order_the_words_of_a_restriction_come_the_latest_restriction_holds(
    service: Delivering,
) -> None:
    for number, order in enumerate(permutations((1, 2, 3))):
        for revision in order:
            relationship = "active" if revision == 2 else "restricted"
            await say(service, revision, f"d-{number}", relationship=relationship)
    rows = await service.rows("SELECT customer_id FROM risks WHERE is_restricted ORDER BY 1")
    assert [row.customer_id for row in rows] == [f"d-{number}" for number in range(6)]


async def test_a_restriction_of_any_file_is_the_persons_until_the_file_is_separated(
    service: Delivering, live: Live
) -> None:
    await live("c-1", until=NOW)
    await deliver(service, steady("c-2", 60))
    await act(service, merge(1, "c-1", "c-2"))
    before = (await states(service))["c-1"]
    await say(service, 1, "c-2", relationship="exited")
    while await sweep(service):
        pass
    assert await alerts(service) == [("c-1", "closed", "restricted")]
    assert (await states(service))["c-1"] == before
    await act(service, unmerge(2, person("c-1"), person("c-2")))
    assert await alerts(service) == [("c-1", "closed", "restricted"), ("c-1", "opened", None)]
