"""A person is decided on the sum of what a service knows of the files, and what is decided is the survivor's alone; no
file takes in another's count.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import create_engine
from rapport.person.grouping import Persons
from rapport.person.store import copies, grouped, keep
from tests.support.grouping import merge
from tests.support.stack import FreshDatabase
from tests.support.tally import MIGRATIONS


@dataclass
class Purse:
    """What some service could know of a file, and decide."""

    customer_id: str
    coins: int
    is_rich: bool = False


class Purses(Persons[Purse]):
    DECIDED = ("is_rich",)

    def added(self, survivor: Purse, others: Sequence[Purse]) -> Purse:
        return replace(survivor, coins=survivor.coins + sum(one.coins for one in others))


class GivesAllBack(Purses):
    """Broken: the survivor keeps the sum."""

    DECIDED = ("is_rich", "coins")


GROUPS = {"a": ("a", "b"), "c": ("c",), "gone": ("d", "gone")}


def purses() -> dict[str, Purse]:
    return {one: Purse(one, coins) for one, coins in (("a", 1), ("b", 2), ("c", 4), ("d", 8))}


def decide(kind: type[Purses]) -> dict[str, Purse]:
    """Everybody who is decided, once."""
    known = purses()
    persons = kind.of(GROUPS, known)
    for one in known.values():
        if one.customer_id not in persons.merged_into:
            with persons.deciding(one) as person:
                person.is_rich = person.coins >= 3
    return known


def test_a_person_is_decided_on_the_sum_and_the_sum_of_all_files_stays_what_it_was() -> None:
    known = decide(Purses)
    assert {one.customer_id for one in known.values() if one.is_rich} == {"a", "c"}
    assert sum(one.coins for one in known.values()) == 15
    assert sum(one.coins for one in decide(GivesAllBack).values()) != 15


def test_a_survivor_of_whom_nothing_is_known_is_left_out_and_its_other_files_are_decided_by_nobody() -> None:
    persons = Purses.of(GROUPS, purses())
    assert persons.others.keys() == {"a"}
    assert persons.merged_into == {"b": "a", "d": "gone"}


async def test_only_files_that_are_missing_are_loaded_and_none_where_nobody_is_merged(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    engine = create_engine(fresh_database("tally", migrations=MIGRATIONS).owner_url, application="test", pool_size=1)
    table = copies(MetaData())
    loaded: list[Collection[str]] = []

    async def load(_: AsyncConnection, files: Iterable[str]) -> dict[str, Purse]:
        loaded.append(set(files))
        return {file: purses()[file] for file in files}

    async with engine.begin() as connection:
        await connection.run_sync(table.create)
        own = {"a": purses()["a"], "c": purses()["c"]}
        assert (await grouped(connection, own, load, Purses)).others == {}
        assert loaded == []
        await keep(connection, table, merge(1, "a", "b", "c"))
        persons = await grouped(connection, own, load, Purses)
        assert (loaded, persons.sum_of(own["a"]).coins, persons.merged_into) == ([{"b"}], 7, {"b": "a", "c": "a"})
    await engine.dispose()
