"""Drift over REST: page by page, of one version or all, for those who watch over scorecards."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from scoring.drift import store
from scoring.drift.domain import Snapshot
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

FIRST = datetime(2025, 3, 1, 16, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def auditor(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://scoring", headers=issuer.bearer("auditor")
    ) as client:
        yield client


async def keep(service: Delivering, version: int, day: int, counts: dict[str, int], *, finished: bool = True) -> None:
    """A snapshot of one feature, as a worker left it."""
    size = sum(counts.values())
    points = {str(10 * int(place)): count for place, count in counts.items()}
    snapshot = Snapshot(
        version, FIRST + day * DAY, size, "", FIRST if finished else None, {"products": counts}, points, {"low": size}
    )
    async with service.runtime.engine.begin() as connection:
        assert await store.begin(connection, snapshot)


async def test_snapshots_are_listed_the_latest_first_page_by_page(
    service: Delivering, auditor: httpx.AsyncClient
) -> None:
    await keep(service, 1, 0, {"0": 600, "1": 600})
    await keep(service, 1, 1, {"0": 600, "1": 601})
    await keep(service, 1, 2, {"0": 1000, "1": 200})
    await keep(service, 2, 2, {"0": 50, "1": 50})
    await keep(service, 2, 3, {"0": 50}, finished=False)
    seen, cursor = [], None
    while True:
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        answer = (await auditor.get("/drift", params=query)).json()
        seen += answer["items"]
        cursor = answer["next"]
        if cursor is None:
            break
    assert [(one["version"], one["verdict"]) for one in seen] == [
        (2, "too few to say"), (1, "moved"), (1, "nothing"), (1, "nothing"),
    ]  # fmt: skip
    assert [one["reference_due_at"] for one in seen] == [None, *["2025-03-01T16:00:00Z"] * 3]
    assert [len(one["measures"]) for one in seen] == [0, 3, 3, 0]
    moved = {one["name"]: one for one in seen[1]["measures"]}
    assert moved["products"]["psi"] == moved["points"]["psi"] == pytest.approx(0.536, abs=1e-3)
    assert moved["products"]["noise"] == pytest.approx(2 / 1200)
    assert (await auditor.get("/drift", params={"version": 1})).json()["items"] == seen[1:]


@pytest.mark.parametrize("keys", ["WyJ4IiwxXQ", "WyIyMDI1LTAzLTAxIiwxXQ", "WyJ4Il0"])
async def test_a_cursor_of_another_list_is_refused(auditor: httpx.AsyncClient, keys: str) -> None:
    answer = await auditor.get("/drift", params={"cursor": keys})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


async def test_who_serves_customers_reads_no_reports(api: httpx.AsyncClient) -> None:
    for report in ("/drift", "/fairness"):
        assert (await api.get(report)).status_code == 403
