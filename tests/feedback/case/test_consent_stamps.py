"""Each line of a case's history says which version of the customer's consents was known when it was written."""

import httpx

from rapport.clock import utc_now
from tests.feedback.said import HOUR, hear, record, submitted
from tests.support.consenting import consents
from tests.support.delivering import Delivering


async def test_what_happens_to_a_case_is_stamped_with_the_version_known_by_then(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    await hear(service, submitted(submitted_at=utc_now() - HOUR))
    (case,) = (await api.get("/cases")).json()["items"]
    path = f"/cases/{case['case_id']}"
    for revision, deed, body in ((2, "response", {"text": "已退回"}), (3, "resolution", {})):
        await service.deliver(service.feed.record(consents(revision=revision)))
        assert (await api.post(f"{path}/{deed}", json=body)).status_code == 201
    history = (await api.get(path)).json()["history"]
    stamps = {line["happening"]: line["consent_version"] for line in history}
    assert stamps == {"opened": None, "responded": 2, "resolved": 3}


async def test_consents_of_the_same_poll_are_known_to_the_case_it_opens(service: Delivering) -> None:
    said = record(service, submitted(submitted_at=utc_now() - HOUR))
    others = record(service, submitted("c-2", submitted_at=utc_now() - HOUR))
    await service.deliver(said, others, service.feed.record(consents(revision=5)))
    rows = await service.rows("SELECT customer_id, consent_version FROM case_events JOIN cases USING (case_id)")
    assert {row.customer_id: row.consent_version for row in rows} == {"c-1": 5, "c-2": None}
