"""Staff find cases by what they are and where they stand; only one operation shows a word of them."""

from typing import Any

import httpx
import pytest

from rapport.clock import utc_now
from tests.feedback.said import DAY, HOUR, WORDS, hear, submitted
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


async def listed(api: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    """All pages of a list."""
    items, cursor = [], ""
    while True:
        answer = await api.get(f"/cases?limit=3{query}{cursor}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


@pytest.fixture
async def seven_cases(service: Delivering) -> None:
    """c-0 to c-6: complaints, an overdue enquiry, praise; two with the same moment."""
    now = utc_now()
    await hear(
        service,
        submitted("c-0", submitted_at=now - 5 * HOUR, rating=1),
        submitted("c-1", submitted_at=now - 4 * HOUR),
        submitted("c-2", submitted_at=now - 4 * HOUR),
        submitted("c-3", submitted_at=now - 3 * HOUR, kind="rating", rating=2, text=""),
        submitted("c-4", submitted_at=now - 2 * DAY, kind="enquiry"),
        submitted("c-5", submitted_at=now - HOUR, kind="suggestion"),
        submitted("c-6", submitted_at=now, kind="praise"),
    )


@pytest.mark.usefixtures("seven_cases")
async def test_every_case_is_listed_once_the_latest_first_page_by_page(api: httpx.AsyncClient) -> None:
    cases = await listed(api)
    moments = [case["submitted_at"] for case in cases]
    assert moments == sorted(moments, reverse=True)
    assert sorted(case["customer_id"] for case in cases) == ["c-0", "c-1", "c-2", "c-3", "c-4", "c-5"]
    assert all(len(case["clocks"]) == 2 and "text" not in case for case in cases)


@pytest.mark.usefixtures("seven_cases")
@pytest.mark.parametrize(
    ("query", "customers"),
    [
        ("&status=recorded", "6"),
        ("&status=opened&status=recorded", "0123456"),
        ("&status=resolved", ""),
        ("&priority=urgent", "0"),
        ("&priority=high&kind=complaint", "12"),
        ("&kind=rating", "3"),
        ("&overdue=true", "4"),
        ("&overdue=false", "01235"),
        ("&customer_id=c-2", "2"),
        ("&customer_id=c-2&kind=enquiry", ""),
    ],
)
async def test_filters_narrow_a_list_together(api: httpx.AsyncClient, query: str, customers: str) -> None:
    assert {case["customer_id"] for case in await listed(api, query)} == {f"c-{number}" for number in customers}


@pytest.mark.usefixtures("seven_cases")
async def test_one_case_shows_its_words_clocks_and_history(api: httpx.AsyncClient) -> None:
    (overdue,) = await listed(api, "&overdue=true")
    case = (await api.get(f"/cases/{overdue['case_id']}")).json()
    assert case["text"] == WORDS
    assert [clock["clock"] for clock in case["clocks"]] == ["resolve", "respond"]
    assert all(clock["is_overdue"] and clock["breached_at"] == clock["due_at"] for clock in case["clocks"])
    assert [line["happening"] for line in case["history"]] == ["opened", "resolve-overdue", "respond-overdue"]


@pytest.mark.usefixtures("seven_cases")
async def test_after_a_customers_key_is_destroyed_the_words_are_gone_and_the_case_is_not(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    await service.rows_written("DELETE FROM data_keys WHERE customer_id = 'c-1'")
    (case,) = await listed(api, "&customer_id=c-1")
    answer = await api.get(f"/cases/{case['case_id']}")
    assert (answer.status_code, answer.json()["text"]) == (200, None)


@pytest.mark.usefixtures("seven_cases")
async def test_words_moved_to_another_case_do_not_open(api: httpx.AsyncClient, service: Delivering) -> None:
    await service.rows_written(
        "UPDATE cases SET text = (SELECT text FROM cases WHERE customer_id = 'c-1') WHERE customer_id = 'c-2'"
    )
    (case,) = await listed(api, "&customer_id=c-2")
    answer = await api.get(f"/cases/{case['case_id']}")
    assert answer.status_code == 500
    assert WORDS not in answer.text


@pytest.mark.usefixtures("seven_cases")
async def test_the_summary_counts_by_priority_and_says_it_in_words(api: httpx.AsyncClient) -> None:
    lines = (await api.get("/cases/summary")).json()
    assert [(line["priority"], line["cases"], line["unresolved"]) for line in lines] == [
        ("urgent", 1, 1),
        ("high", 3, 3),
        ("normal", 2, 2),
    ]
    normal = lines[2]
    assert normal["respond"] == {"runs": 2, "stopped": 0, "breached": 1, "overdue": 1, "median_seconds": None}
    assert normal["in_words"].startswith(
        "normal: 2 cases, 2 unresolved; respond: 0 of 2 stopped (none stopped), 1 too late"
    )
    since = (utc_now() - DAY).isoformat().replace("+", "%2B")
    assert [line["cases"] for line in (await api.get(f"/cases/summary?since={since}")).json()] == [1, 3, 1]


@pytest.mark.usefixtures("seven_cases")
async def test_the_median_is_that_of_the_clocks_that_were_stopped(api: httpx.AsyncClient) -> None:
    for case in await listed(api, "&kind=complaint"):
        assert (await api.post(f"/cases/{case['case_id']}/response", json={"text": "done"})).status_code == 201
    by_priority = {line["priority"]: line for line in (await api.get("/cases/summary")).json()}
    assert by_priority["urgent"]["respond"]["median_seconds"] == pytest.approx(5 * 3600, abs=120)
    assert by_priority["high"]["respond"]["median_seconds"] == pytest.approx(4 * 3600, abs=120)
    assert (by_priority["high"]["respond"]["runs"], by_priority["high"]["respond"]["stopped"]) == (3, 2)
    assert by_priority["high"]["resolve"]["median_seconds"] is None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cases/0195515f-5a00-8a3b-9c41-7d1c6f0a2b93", 404),
        ("/cases/not-an-id", 422),
        ("/cases?status=lost", 422),
        ("/cases?customer_id=%E5%BC%A0", 422),
        ("/cases?limit=201", 422),
        ("/cases?cursor=bm8", 422),
        ("/cases?cursor=WyJub3QgYSB0aW1lIiwibm8iXQ", 422),
        ("/cases?cursor=WyIyMDI1LTAxLTAxVDAwOjAwOjAwIiwiMDE5NTUxNWYtNWEwMC04YTNiLTljNDEtN2QxYzZmMGEyYjkzIl0", 422),
        ("/cases/summary?since=2025-01-01T00:00:00", 422),
        ("/cases/summary?since=0001-01-01T00:00:00%2B14:00", 422),
    ],
)
async def test_what_cannot_be_found_or_asked_is_a_problem(api: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text


@pytest.mark.parametrize("path", ["/cases", "/cases/summary", "/cases/0195515f-5a00-8a3b-9c41-7d1c6f0a2b93"])
async def test_a_channel_may_hand_over_and_not_read(api: httpx.AsyncClient, issuer: TestIssuer, path: str) -> None:
    assert (await api.get(path, headers=issuer.bearer("channel"))).status_code == 403
    assert (await api.get(path, headers={"Authorization": ""})).status_code == 401
