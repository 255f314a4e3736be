"""A crossing and each step of its alert say which version of the customer's consents was known when they were made."""

import httpx

from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY
from tests.support.consenting import consents
from tests.support.delivering import Delivering


async def test_what_becomes_of_an_alert_is_stamped_with_the_version_known_by_then(
    api: httpx.AsyncClient, service: Delivering, alert: str
) -> None:
    await service.deliver(service.feed.record(consents(revision=2)))
    assert (await api.post(f"{alert}/acknowledgement")).status_code == 201
    await service.deliver(service.feed.record(consents(revision=3)))
    assert (await api.post(f"{alert}/closure", json={"outcome": "lost"})).status_code == 201
    steps = (await api.get(alert)).json()["history"]
    assert [step["consent_version"] for step in steps if step["step"] != "escalated"] == [None, 2, 3]


async def test_a_crossing_and_the_alert_it_opens_are_stamped_alike(
    api: httpx.AsyncClient, service: Delivering, live: Live
) -> None:
    await service.deliver(service.feed.record(consents(revision=6)))
    await live("c-1", until=SILENT_FROM + 70 * DAY)
    await live("c-2", until=SILENT_FROM + 70 * DAY)
    for customer_id, version in (("c-1", 6), ("c-2", None)):
        (crossing,) = (await api.get(f"/risks/{customer_id}/crossings")).json()["items"]
        (alert,) = (await api.get("/alerts", params={"customer_id": customer_id})).json()["items"]
        opened, *_ = (await api.get(f"/alerts/{alert['alert_id']}")).json()["history"]
        assert crossing["consent_version"] == opened["consent_version"] == version
