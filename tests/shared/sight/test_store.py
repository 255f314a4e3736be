"""Whose customers a caller sees by the copies, beside the same reckoned anew from everything that was told."""

from collections.abc import AsyncIterator, Callable, Iterable
from random import Random
from typing import TypeVar

import pytest
from sqlalchemy import MetaData, Text, column, select, values
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import create_engine
from rapport.events.bank import EmployeeChanged
from rapport.events.customer_profile import CustomerProfiled, Person
from rapport.person import store as person
from rapport.row_security import ALL, NOTHING, Sight
from rapport.sight.store import files_in_sight, in_sight, keep_managers, keep_staff, managers, seen_of, sees, staff
from tests.support.grouping import merge
from tests.support.sight import employee, managed
from tests.support.stack import FreshDatabase
from tests.support.tally import MIGRATIONS

Fact = TypeVar("Fact", EmployeeChanged, CustomerProfiled)
METADATA = MetaData()
MANAGERS, STAFF, MERGED = managers(METADATA), staff(METADATA), person.copies(METADATA)
CUSTOMERS = [f"c-{number}" for number in range(12)]
EMPLOYEES = [f"e-{number}" for number in range(6)]


@pytest.fixture
async def connection(fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[AsyncConnection]:
    engine = create_engine(fresh_database("tally", migrations=MIGRATIONS).owner_url, application="test", pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        yield connection
    await engine.dispose()


async def listed(connection: AsyncConnection, sight: Sight) -> list[str]:
    """Those of all customers whom a query with the condition finds."""
    book = values(column("customer_id", Text), name="book").data([(one,) for one in [*CUSTOMERS, "c-unheard-of"]])
    found = await connection.execute(select(book.c.customer_id).where(in_sight(book.c.customer_id, sight)))
    return sorted(found.scalars())


def latest(told: Iterable[Fact]) -> dict[str, Fact]:
    return {fact.key: fact for fact in sorted(told, key=lambda fact: fact.revision)}


def reckoned(sight: Sight, profiled: Iterable[CustomerProfiled], employed: Iterable[EmployeeChanged]) -> list[str]:
    """The same without a database."""
    known = latest(employed)
    lead = known.get(sight.subject)
    unit = lead.unit if lead and lead.active and sight.extent == "team" else None
    charge = {sight.subject} | {one.employee_id for one in known.values() if one.unit == unit}
    return sorted(one.customer_id for one in latest(profiled).values() if one.relationship_manager in charge)


async def test_a_manager_sees_whom_the_last_word_gives_and_a_lead_whom_it_gives_the_unit(
    connection: AsyncConnection,
) -> None:
    for seed in range(25):
        rng = Random(seed)
        profiled = [
            managed(rng.choice(CUSTOMERS), rng.choice([*EMPLOYEES, None]), revision) for revision in range(1, 30)
        ]
        employed = [
            employee(rng.choice(EMPLOYEES), f"U{rng.randrange(3)}", active=rng.random() < 0.8, revision=revision)
            for revision in range(1, 12)
        ]
        rng.shuffle(profiled)
        rng.shuffle(employed)
        await connection.execute(MANAGERS.delete())
        await connection.execute(STAFF.delete())
        for first in range(0, len(profiled), 7):
            await keep_managers(connection, MANAGERS, [*profiled[first : first + 7], rng.choice(profiled)])
        for first in range(0, len(employed), 5):
            await keep_staff(connection, STAFF, [*employed[first : first + 5], rng.choice(employed)])
        for subject in (*EMPLOYEES, "e-nobody"):
            for sight in (Sight("own", subject), Sight("team", subject)):
                expected = reckoned(sight, profiled, employed)
                assert await listed(connection, sight) == expected, f"seed {seed}, {sight}"
                assert list(await seen_of(connection, CUSTOMERS, sight)) == expected
                assert [one for one in CUSTOMERS if await sees(connection, one, sight)] == sorted(
                    expected, key=CUSTOMERS.index
                )


async def test_who_sees_all_sees_whom_nobody_told_of_and_nobody_else_does(connection: AsyncConnection) -> None:
    await keep_managers(connection, MANAGERS, [managed("c-1", None), managed("c-2", "e-1")])
    assert "c-unheard-of" in await listed(connection, ALL)
    assert await listed(connection, NOTHING) == []
    assert await listed(connection, Sight("own", "e-1")) == ["c-2"]
    assert await sees(connection, "c-unheard-of", ALL)
    assert not await sees(connection, "c-unheard-of", Sight("own", "e-1"))


async def test_a_token_of_one_customer_sees_the_files_of_that_person_and_no_other(connection: AsyncConnection) -> None:
    await person.keep(connection, MERGED, merge(1, "c-1", "c-2"))
    for asked in ("c-1", "c-2"):
        assert await listed(connection, Sight("customer", asked)) == ["c-1", "c-2"]
    assert await listed(connection, Sight("customer", "c-3")) == ["c-3"]
    assert await sees(connection, "c-3", Sight("customer", "c-3"))
    # An act that is told of the survivor alone yet leaves the other file a person of its own.
    later = merge(2, "c-1", "c-4")
    await person.keep(connection, MERGED, later)
    assert await listed(connection, Sight("customer", "c-2")) == ["c-2"]
    assert await listed(connection, Sight("customer", "c-4")) == ["c-1", "c-4"]


async def test_of_a_person_the_manager_of_the_survivor_sees_what_is_decided_and_each_manager_the_own_file(
    connection: AsyncConnection,
) -> None:
    told = [managed("c-1", "e-1"), managed("c-2", "e-2"), managed("c-3", "e-1")]
    await keep_managers(connection, MANAGERS, told)
    await person.keep(connection, MERGED, merge(1, "c-1", "c-2", "c-3"))
    assert (await person.person_of_each(connection, ["c-2"]))["c-2"] == Person(
        survivor="c-1", files=("c-1", "c-2", "c-3")
    )
    of_survivor, of_merged = Sight("own", "e-1"), Sight("own", "e-2")
    decided = {
        (sight.subject, file): await sees(connection, file, sight)
        for sight in (of_survivor, of_merged)
        for file in ("c-1", "c-2", "c-3")
    }
    assert {place for place, is_seen in decided.items() if is_seen} == {("e-1", "c-1"), ("e-1", "c-3")}
    assert await files_in_sight(connection, "c-1", of_survivor) == ("c-1", "c-3")
    assert await files_in_sight(connection, "c-2", of_survivor) == ()
    assert await files_in_sight(connection, "c-2", of_merged) == ("c-2",)
    assert await files_in_sight(connection, "c-1", of_merged) == ()
