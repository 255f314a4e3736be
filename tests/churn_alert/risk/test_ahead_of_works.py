"""What has come is handled before a request, a job or upkeep decides on its customer, as before a sweep."""

from collections.abc import Callable

import httpx
import pytest

from rapport.serving import api_of
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, HOUR, paid
from tests.churn_alert.risk.test_ahead import booked_back
from tests.churn_alert.risk.test_handlers import NEIGHBOUR
from tests.support.delivering import Delivering
from tests.support.punctuality import forgetful, walk
from tests.support.sight import client_of
from tests.support.tokens import TestIssuer

_WARNED = SILENT_FROM + 70 * DAY
_DUE = _WARNED + DAY
_OF_OLDER_VERSIONS = (
    "UPDATE risks SET model_version = 0",
    "UPDATE alerts SET policy_version = 0 WHERE status <> 'closed'",
    "UPDATE lifecycles SET rules_version = 0",
    "UPDATE contact_calendars SET version = 0",
)
_DECIDING = {"recheck_outdated", "retime_outdated", "recheck_stages", "replan"}


@pytest.fixture
async def waiting(service: Delivering, live: Live) -> Delivering:
    """c-1 is silent and warned of; what was dated ahead of it has come, and no sweep has looked since."""
    await live("c-1", until=_WARNED)
    ahead = booked_back(paid("c-1", _DUE, "777.00"), _WARNED)
    await service.deliver(service.feed.record(ahead, time=_WARNED))
    await service.deliver(service.feed.record(paid(NEIGHBOUR, _DUE + HOUR), time=_DUE + HOUR))
    assert await service.rows("SELECT 1 FROM events_ahead")
    return service


async def test_no_job_and_no_upkeep_decides_before_what_has_come(waiting: Delivering) -> None:
    walked = await walk(waiting, "c-1", _OF_OLDER_VERSIONS)
    assert walked.altered >= _DECIDING
    assert walked.too_early == set()


async def test_it_would_be_seen_of_every_one_of_them_that_forgot(waiting: Delivering) -> None:
    other = forgetful(waiting)
    walked = await walk(other, "c-1", _OF_OLDER_VERSIONS)
    await other.runtime.close()
    assert walked.too_early >= _DECIDING


@pytest.mark.parametrize("form", [lambda one: one, forgetful], ids=["as it is", "forgetful"])
async def test_who_acts_on_an_alert_acts_after_what_has_come(
    waiting: Delivering, issuer: TestIssuer, form: Callable[[Delivering], Delivering]
) -> None:
    of = form(waiting)
    async with client_of(api_of(of.runtime), issuer, "rm", "support", subject="e-9") as client:
        (alert,) = (await client.get("/alerts")).json()["items"]
        answer = await _close(client, alert["alert_id"])
    (risk,) = await waiting.rows("SELECT sums_as_of FROM risks WHERE customer_id = 'c-1'")
    waits = await waiting.rows("SELECT 1 FROM events_ahead")
    if of is waiting:
        assert answer.status_code == 201, answer.text
        assert (waits, risk.sums_as_of) == ([], _DUE)
    else:
        await of.runtime.close()
        assert len(waits) == 1


async def _close(client: httpx.AsyncClient, alert_id: str) -> httpx.Response:
    return await client.post(f"/alerts/{alert_id}/closure", json={"outcome": "retained"})
