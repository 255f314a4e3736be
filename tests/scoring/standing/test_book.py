"""Whatever goes over the book meets a person of several files once, with what all of the files come to; and what the
book holds is the same before a merge, under it and after it was undone.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.person.store import survivors_of
from scoring.fairness import store as fairness
from scoring.standing.store import book
from scoring.standing.store.persons import NOT_MERGED
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, salary, transaction
from tests.support.delivering import Delivering
from tests.support.grouping import Grouped, merge, person, unmerge

FILES = ("c-1", "c-2", "c-3", "c-4")
OWN = {"c-1": [(0, 10), (1, 20)], "c-2": [(0, 300), (5, 40)], "c-3": [(2, 7)], "c-4": []}
"""What customers spent: on which days, how much in units of the currency."""
Persons = list[tuple[str, ...]]


class Whole(NamedTuple):
    """Over all customers: on how many days each was active; money they moved themselves, and all that was moved."""

    customers: int
    days: int
    own_minor: int
    moved_minor: int


Read = Callable[[AsyncConnection], Awaitable[Whole]]


async def lived(service: Delivering) -> None:
    spent = [
        transaction(MONDAY + day * DAY, file, amount=f"{amount}.00", transaction_no=f"{file}-{day}")
        for file, all_of_it in OWN.items()
        for day, amount in all_of_it
    ]
    await deliver(service, *spent, salary(MONDAY, "c-1"), holdings(1, "500.00", customer_id="c-4"))


async def act(service: Delivering, told: list[Grouped]) -> None:
    await service.deliver(*[service.feed.record(one) for one in told])


async def whole(connection: AsyncConnection) -> Whole:
    """As the jobs over the book read it, one customer a page."""
    days = own = 0
    after = ""
    while page := await book.activities(connection, after=after, limit=1):
        ((after, activity),) = page
        if activity is not None:
            days += activity.days.days
            own += activity.minor
    standings = await book.load_page(connection, after="", limit=10)
    moved = sum(one.credits_minor + one.debits_minor for one in standings)
    assert [one.customer_id for one in standings] == await book.page(connection, after="", limit=10)
    return Whole(await book.count(connection), days, own, moved)


async def rows_as_customers(connection: AsyncConnection) -> Whole:
    """Broken: a file that was merged is a customer of its own."""
    found = await whole(connection)
    return found._replace(customers=len(FILES))


async def without_the_others(connection: AsyncConnection) -> Whole:
    """Broken: a file that was merged is left out, and so is what it holds."""
    statement = f"SELECT sum(own_minor)::bigint FROM standings WHERE {NOT_MERGED}"
    own = (await connection.exec_driver_sql(statement)).scalar_one()
    return (await whole(connection))._replace(own_minor=own)


def booked(persons: Persons) -> Whole:
    """Reckoned from what was said: a day counts once for a person, whichever of the files it was on."""
    days = sum(len({day for file in files for day, _ in OWN[file]}) for files in persons)
    own = 100 * sum(amount for said in OWN.values() for _, amount in said)
    return Whole(len(persons), days, own, own + 900_000)


async def walk(service: Delivering, read: Read) -> None:
    """Through three acts, each undone."""
    await lived(service)
    steps: list[tuple[list[Grouped], Persons]] = [
        ([], [("c-1",), ("c-2",), ("c-3",), ("c-4",)]),
        (merge(1, "c-2", "c-1"), [("c-1", "c-2"), ("c-3",), ("c-4",)]),
        (merge(2, "c-4", "c-3"), [("c-1", "c-2"), ("c-3", "c-4")]),
        (merge(3, "c-4", "c-1", "c-2", "c-3"), [FILES]),
        (unmerge(4, person("c-2", "c-1"), person("c-4", "c-3")), [("c-1", "c-2"), ("c-3", "c-4")]),
        (unmerge(5, person("c-1"), person("c-2")), [("c-1",), ("c-2",), ("c-3", "c-4")]),
        (unmerge(6, person("c-3"), person("c-4")), [("c-1",), ("c-2",), ("c-3",), ("c-4",)]),
    ]
    for told, persons in steps:
        if told:
            await act(service, told)
        async with service.runtime.engine.connect() as connection:
            assert await read(connection) == booked(persons)
            tiers = [group for group in await fairness.count(connection, MONDAY) if group.attribute == "gender"]
            assert sum(one.customers for one in tiers) == len(persons)


async def test_the_book_counts_persons_and_holds_what_was_booked_whoever_is_merged(service: Delivering) -> None:
    await walk(service, whole)


@pytest.mark.parametrize("broken", [rows_as_customers, without_the_others])
async def test_a_book_that_takes_rows_for_customers_or_leaves_files_out_is_found(
    service: Delivering, broken: Read
) -> None:
    with pytest.raises(AssertionError):
        await walk(service, broken)


async def test_a_file_is_a_customer_again_while_the_act_that_took_its_survivor_away_is_known_and_its_own_is_not(
    service: Delivering,
) -> None:
    """Who is decided on its own is listed and counted: by the same rule, in the moment between two topics too."""
    await lived(service)
    await act(service, merge(1, "c-1", "c-2"))
    await act(service, merge(3, "c-3", "c-1"))
    async with service.runtime.engine.connect() as connection:
        survivors = await survivors_of(connection, FILES)
        assert (
            await book.page(connection, after="", limit=10) == ["c-2", "c-3", "c-4"] == sorted(set(survivors.values()))
        )
