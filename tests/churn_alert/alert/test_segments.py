"""An alert says what kind of customer it is about, as scoring had told it by then."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from churn_alert.tables import segments
from rapport.events.scoring import SegmentChanged
from rapport.segment.store import segments_of
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, START
from tests.support.delivering import Delivering
from tests.support.grouping import merge

SAMPLES = sorted((Path(__file__).parents[2] / "contract" / "corpus" / "segment-changed").glob("*.json"))


def moved(segment: str, revision: int = 1, customer_id: str = "c-1", **fields: Any) -> SegmentChanged:
    said = {"customer_id": customer_id, "segment": segment, "segments_version": 1, "since": START, "revision": revision}
    return SegmentChanged.model_validate(said | fields)


async def hear(service: Delivering, *facts: SegmentChanged) -> None:
    await service.deliver(*[service.feed.record(fact, source="scoring") for fact in facts])


async def known(service: Delivering, *customer_ids: str) -> dict[str, str]:
    async with service.runtime.engine.connect() as connection:
        return await segments_of(connection, segments, customer_ids)


async def test_the_highest_revision_counts_in_whatever_order_the_log_gives_them(service: Delivering) -> None:
    await hear(service, moved("savers", 2), moved("quiet", 1), moved("typical", 7, "c-2"))
    await hear(service, moved("borrowers", 1))
    assert await known(service, "c-1", "c-2", "c-3") == {"c-1": "savers", "c-2": "typical"}


async def test_a_file_that_was_merged_into_another_is_of_the_kind_of_its_person(service: Delivering) -> None:
    await hear(service, moved("savers"), moved("quiet", 1, "c-2"))
    await service.deliver(*[service.feed.record(one) for one in merge(1, "c-1", "c-2")])
    assert await known(service, "c-1", "c-2") == {"c-1": "savers", "c-2": "savers"}


@pytest.mark.parametrize("sample", [path.read_bytes() for path in SAMPLES], ids=[path.stem for path in SAMPLES])
async def test_every_sample_of_a_segment_ever_published_is_kept(service: Delivering, sample: bytes) -> None:
    told = SegmentChanged.model_validate_json(sample)
    await hear(service, told)
    assert await known(service, told.customer_id) == {told.customer_id: told.segment}


async def test_an_alert_keeps_the_segment_it_was_opened_with_and_is_found_by_it(
    service: Delivering, live: Live, api: httpx.AsyncClient
) -> None:
    await hear(service, moved("savers"))
    await live("c-1", until=SILENT_FROM + 70 * DAY)
    await live("c-2", until=SILENT_FROM + 70 * DAY)
    await hear(service, moved("quiet", 2))
    (found,) = (await api.get("/alerts", params={"segment": "savers"})).json()["items"]
    assert (found["customer_id"], found["segment"]) == ("c-1", "savers")
    assert (await api.get("/alerts", params={"segment": "quiet"})).json()["items"] == []
    counted = (await api.get("/alerts/counts")).json()
    assert counted["by_segment"] == {"savers": 1, "unknown": 1}
    assert (await api.get("/alerts/counts", params={"segment": "savers"})).json()["count"] == 1


async def test_the_segment_says_which_playbook_an_alert_begins(service: Delivering, live: Live) -> None:
    await hear(service, moved("savers"), moved("quiet", customer_id="c-2"))
    for customer_id in ("c-1", "c-2", "c-3"):
        await live(customer_id, until=SILENT_FROM + 70 * DAY)
    rows = await service.rows("SELECT customer_id, segment, playbook FROM alerts ORDER BY customer_id")
    assert [tuple(row) for row in rows] == [
        ("c-1", "savers", "advice-for-savers"),
        ("c-2", "quiet", "care-of-all"),
        ("c-3", None, "care-of-all"),
    ]
