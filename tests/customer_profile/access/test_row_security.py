"""The database itself keeps to whose customers a caller sees, whatever a query forgets."""

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from httpx import AsyncClient
from sqlalchemy import select, text

from customer_profile.customer.store import profiles
from customer_profile.tables import metadata
from rapport.database import borrow
from rapport.row_security import ALL, NOTHING, Sight
from rapport.web import Principal, backend, read, require
from tests.customer_profile.access.bank import drop_policies, open_bank
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, LEAD, MANAGER, OWN, client_of, employee
from tests.support.tokens import TestIssuer

OF_A_CUSTOMER = sorted(name for name, table in metadata.tables.items() if "customer_id" in table.columns)


@pytest.fixture(autouse=True)
async def bank(service: Delivering) -> None:
    await open_bank(service)


async def seen(service: Delivering, sight: Sight | None, table: str = "profiles") -> list[str]:
    """Whose rows a query without any condition finds."""
    engine = service.runtime.engine.execution_options(sight=sight) if sight else service.runtime.engine
    async with engine.connect() as connection:
        found = await connection.execute(text(f"SELECT DISTINCT customer_id FROM {table} ORDER BY 1"))
        return list(found.scalars())


@pytest.mark.parametrize("table", ["profiles", "accounts"])
async def test_a_query_without_a_condition_finds_what_the_caller_may_see(service: Delivering, table: str) -> None:
    assert await seen(service, ALL, table) == [FOREIGN, OWN]
    for sight in (Sight("own", MANAGER), Sight("team", MANAGER), Sight("team", LEAD), Sight("customer", OWN)):
        assert await seen(service, sight, table) == [OWN], sight
    for sight in (NOTHING, Sight("own", LEAD), Sight("own"), Sight("customer", "c-unknown"), Sight("team", "e-nobody")):
        assert await seen(service, sight, table) == [], sight


async def test_where_nothing_is_said_nothing_is_seen(service: Delivering) -> None:
    assert await seen(service, ALL), "what was said before on a connection ends with its transaction"
    async with borrow(service.runtime.engine) as driver:
        assert await driver.fetch("SELECT * FROM profiles") == []
        assert await driver.execute("UPDATE accounts SET status = 'closed'") == "UPDATE 0"


async def test_another_customers_rows_can_be_neither_changed_nor_made(service: Delivering) -> None:
    engine = service.runtime.engine.execution_options(sight=Sight("own", MANAGER))
    async with engine.begin() as connection:
        changed = await connection.execute(text("UPDATE profiles SET unit = 'B3'"))
        assert changed.rowcount == 1
    with pytest.raises(Exception, match="row-level security"):
        async with engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO portrait_facts (customer_id, kind, item, as_of, rank, event_id, document) "
                    f"VALUES ('{FOREIGN}', 'tier', '', now(), 0, gen_random_uuid(), '{{}}')"
                )
            )


async def test_every_table_about_customers_is_secured_also_against_its_owner(service: Delivering) -> None:
    rows = await service.rows(
        "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid "
        "WHERE relrowsecurity AND relforcerowsecurity"
    )
    missing = {*OF_A_CUSTOMER, "look_ups", "duplicate_pairs", "merge_acts", "merge_proposals"} - {
        row.relname for row in rows
    }
    assert not missing, f"in the migration that makes it: op.execute(\"CALL keep_in_sight('{min(missing)}')\")"


async def test_no_policy_brings_a_query_of_its_own_into_each_statement(service: Delivering) -> None:
    """Each would be planned with every table that a statement names."""
    rows = await service.rows(
        "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid "
        "WHERE relname <> 'profiles' AND pg_get_expr(polqual, polrelid) ILIKE '%from profiles%'"
    )
    assert [row.relname for row in rows] == [], "CALL keep_in_sight asks by a function"


@pytest.fixture
async def forgetful(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[AsyncClient]:
    """A manager's client of an API with operations whose query asks for no owner."""
    router = APIRouter()

    async def everybody(request: Request) -> list[str]:
        async with read(request) as connection:
            return list((await connection.execute(select(profiles.c.customer_id))).scalars())

    @router.get("/forgetful")
    async def of_a_caller(request: Request, _: Annotated[Principal, Depends(require("customers:read"))]) -> list[str]:
        return await everybody(request)

    @router.get("/around")
    async def around_the_caller(request: Request) -> list[str]:
        async with backend(request).transactions.begin() as tx:
            return list((await tx.connection.execute(select(profiles.c.customer_id))).scalars())

    router.get("/open")(everybody)
    app.include_router(router)
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        yield client


async def test_a_forgetful_operation_shows_a_caller_the_own_customers_and_nobody_to_who_is_not_known(
    forgetful: AsyncClient,
) -> None:
    assert (await forgetful.get("/forgetful")).json() == [OWN]
    assert (await forgetful.get("/open")).json() == []
    assert (await forgetful.get("/around")).json() == []


async def test_without_the_policies_a_forgetful_query_would_show_everybody(
    service: Delivering, forgetful: AsyncClient
) -> None:
    """Else the tests above would hold because of something else."""
    await drop_policies(service)
    assert sorted((await forgetful.get("/forgetful")).json()) == [FOREIGN, OWN]
    assert await seen(service, NOTHING) == [FOREIGN, OWN]


async def test_an_employee_is_where_the_highest_revision_says(service: Delivering) -> None:
    moved = [employee(MANAGER, "B9", revision=3), employee(MANAGER, "B2", revision=2)]
    await service.deliver(*(service.feed.record(one) for one in moved))
    await service.deliver(service.feed.record(employee(MANAGER, "B1", revision=1)))
    (row,) = await service.rows("SELECT unit, revision FROM employees WHERE employee_id = :who", who=MANAGER)
    assert tuple(row) == ("B9", 3)
    assert await seen(service, Sight("team", LEAD)) == []
    assert await seen(service, Sight("team", MANAGER)) == [OWN]


async def test_a_lead_who_has_left_leads_nobody(service: Delivering) -> None:
    await service.deliver(service.feed.record(employee(LEAD, "B1", "team_lead", active=False, revision=2)))
    assert await seen(service, Sight("team", LEAD)) == []
