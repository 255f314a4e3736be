"""`GET /customers`: filters and orders show each customer once over all pages, and every filter has its index."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.store import Filters
from customer_profile.customer.store.listing import ORDERS, statement
from rapport.database import create_engine
from rapport.row_security import ALL, secured
from rapport.web.pagination import encode_cursor
from tests.customer_profile.facts import HOUR, MONDAY, account, customer, record
from tests.support.delivering import Delivering
from tests.support.stack import FreshDatabase

ORDERED = [f"{sign}{name}" for name, sign in product(("customer_id", *ORDERS), ("", "-"))]
DAY = date(2021, 1, 1)
COUNT = 20_000
_ROWS = """
INSERT INTO profiles (customer_id, partition, type, customer_class, status, unit, region, relationship_manager,
    age_band, gender, customer_since, open_accounts, corrected, recorded_at, recorded_id, as_of, revision, is_admitted,
    is_restricted)
SELECT 'c-' || n, n % 24, CASE WHEN n % 200 = 0 THEN 'institution' ELSE 'personal' END,
    CASE WHEN n % 100 = 0 THEN 'core' ELSE 'ordinary' END, CASE WHEN n % 100 = 1 THEN 'deceased' ELSE 'active' END,
    'B' || n % 500, 'R' || n % 100, 'e-' || n % 1000, 'unknown', 'unknown', date '2000-01-01' + n % 9000, 1, '{}',
    now(), gen_random_uuid(), now() - n * interval '1 minute', 1, true, n % 300 = 2
FROM generate_series(1, :count) AS n
"""


@pytest.fixture
async def book(service: Delivering) -> Delivering:
    """The service with customers of all kinds, many of one day."""
    random = Random(7)
    for n in range(17):
        of = {
            "unit": random.choice(["B1", "B2"]),
            "region": random.choice(["R1", None]),
            "relationship_manager": random.choice(["e-1", None]),
            "type": random.choice(["personal", "corporate"]),
            "status": random.choice(["active", "closed"]),
            "customer_since": DAY + timedelta(days=random.randrange(4)),
        }
        await service.deliver(record(service, customer(f"c-{random.randrange(1000)}-{n}", **of)))
    return service


async def pages(api: AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    """All that is listed, three at a time."""
    seen, cursor = [], None
    while True:
        page = (
            await api.get("/customers", params=asked | {"limit": 3} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            return seen


@pytest.mark.parametrize("order", ORDERED)
async def test_each_order_shows_each_customer_once_also_of_one_day(
    api: AsyncClient, book: Delivering, order: str
) -> None:
    everybody = (await api.get("/customers", params={"limit": 200})).json()["items"]
    name = order.removeprefix("-")

    def place(one: dict[str, Any]) -> tuple[Any, str]:
        # A moment of a whole second is written without a fraction: as text it would come after one with.
        return (datetime.fromisoformat(one[name]) if name == "as_of" else one[name], one["customer_id"])

    expected = sorted(everybody, key=place, reverse=order.startswith("-"))
    assert len(everybody) == 17
    assert await pages(api, sort=order) == expected
    at_b1 = [one for one in expected if one["unit"] == "B1"]
    assert 0 < len(at_b1) < 17
    assert await pages(api, sort=order, unit="B1") == at_b1


FILTERS: list[tuple[dict[str, str], Callable[[dict[str, Any]], bool]]] = [
    ({"unit": "B2"}, lambda one: one["unit"] == "B2"),
    ({"region": "R1"}, lambda one: one["region"] == "R1"),
    ({"relationship_manager": "e-1"}, lambda one: one["relationship_manager"] == "e-1"),
    ({"type": "corporate"}, lambda one: one["type"] == "corporate"),
    ({"status": "closed"}, lambda one: one["status"] == "closed"),
    ({"relationship": "exited"}, lambda one: one["relationship"] == "exited"),
    ({"customer_class": "core"}, lambda one: one["customer_class"] == "core"),
    ({"since_from": "2021-01-02"}, lambda one: one["customer_since"] >= "2021-01-02"),
    ({"since_until": "2021-01-02"}, lambda one: one["customer_since"] <= "2021-01-02"),
    (
        {"since_from": "2021-01-02", "since_until": "2021-01-02", "unit": "B1"},
        lambda one: one["customer_since"] == "2021-01-02" and one["unit"] == "B1",
    ),
]


async def test_each_filter_shows_all_who_are_so_and_nobody_else(api: AsyncClient, book: Delivering) -> None:
    everybody = (await api.get("/customers", params={"limit": 200})).json()["items"]
    managed = next(one["customer_id"] for one in everybody if one["relationship_manager"])
    await book.deliver(record(book, account(managed, as_of=MONDAY + HOUR)))
    everybody = (await api.get("/customers", params={"limit": 200})).json()["items"]
    for asked, is_wanted in FILTERS:
        expected = [one for one in everybody if is_wanted(one)]
        assert 0 < len(expected) < 17, asked
        assert await pages(api, **asked) == expected, asked


async def test_a_cursor_of_another_order_and_an_order_there_is_not_are_refused(
    api: AsyncClient, book: Delivering
) -> None:
    cursor = (await api.get("/customers", params={"limit": 3, "sort": "customer_since"})).json()["next"]
    for asked, field in (
        ({"cursor": cursor}, "cursor"),
        ({"cursor": cursor, "sort": "-customer_since"}, "cursor"),
        ({"cursor": encode_cursor("customer_since", "soon", "c-1"), "sort": "customer_since"}, "cursor"),
        ({"sort": "phone"}, "sort"),
        ({"sort": "--as_of"}, "sort"),
        ({"since_from": "2022-01-02", "since_until": "2022-01-01"}, "since_until"),
    ):
        answer = await api.get("/customers", params=asked)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), asked


async def plan_of(connection: AsyncConnection, wanted: Filters, **asked: Any) -> str:
    """How PostgreSQL would answer."""
    compiled = statement(wanted, **{"sight": ALL, "after": None, "limit": 51} | asked).compile(
        dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
    )
    return "\n".join((await connection.execute(text(f"EXPLAIN {compiled}"))).scalars())


BY_INDEX: list[tuple[Filters, str]] = [
    (Filters(unit="B7"), "unit"),
    (Filters(region="R7"), "region"),
    (Filters(relationship_manager="e-7"), "relationship_manager"),
    (Filters(type="institution"), "type"),
    (Filters(customer_class="core"), "customer_class"),
    (Filters(status="deceased"), "status"),
    (Filters(relationship="restricted"), "relationship"),
    (Filters(since_from=date(2024, 8, 20)), "customer_since"),
]


@pytest.fixture
async def full(empty_database: Callable[[], FreshDatabase]) -> AsyncIterator[AsyncConnection]:
    """As the owner of the tables: nobody else has the planner look at them."""
    owner = empty_database().owner_url
    engine = secured(create_engine(owner, application="test", pool_size=1, statement_timeout_ms=60_000))
    async with engine.connect() as connection:
        await connection.execute(text(_ROWS), {"count": COUNT})
        await connection.execute(text("ANALYZE profiles"))
        yield connection
    await engine.dispose()


async def test_every_filter_and_every_order_is_answered_by_an_index(full: AsyncConnection) -> None:
    for wanted, column in BY_INDEX:
        plan = await plan_of(full, wanted)
        assert f"Index Cond: ({column} " in plan or f"Index Cond: (({column} " in plan, plan
    for order, down in product((None, *ORDERS), (False, True)):
        after = (*([{"customer_since": DAY, "as_of": MONDAY}[order]] if order else []), "c-5")
        plan = await plan_of(full, Filters(), order=order, is_descending=down, after=after)
        assert ("Index Cond: (ROW(" if order else "Index Cond: (customer_id ") in plan, plan
        assert "Sort" not in plan, plan
