"""The copy of who is one person: acts told in any order, of any one of their files, end in the same persons."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import MetaData, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import create_engine
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged, Person
from rapport.person.store import copies, keep, persons_of, survivors_of
from tests.support.delivering import NOON
from tests.support.stack import FreshDatabase
from tests.support.tally import MIGRATIONS

Fact = CustomersMerged | CustomersUnmerged
FILES = [f"f-{number}" for number in range(6)]
TABLE = copies(MetaData())


def told(kind: type[Fact], persons: Sequence[Person], revision: int) -> list[Fact]:
    """One act, under each file that it touched."""
    act = {"persons": tuple(persons), "act_id": UUID(int=revision), "reason": "same-paper", "as_of": NOON}
    files = [file for person in persons for file in person.files]
    return [kind(customer_id=file, revision=revision, **act) for file in files]


def lives(rng: Random, acts: int) -> tuple[list[list[Fact]], dict[str, tuple[str, ...]]]:
    """Random merges and unmerges of these files, and who is one person at their end."""
    persons = [Person(survivor=file, files=(file,)) for file in FILES]
    undo: dict[str, tuple[Person, Person]] = {}
    history: list[list[Fact]] = []
    for revision in range(1, acts + 1):
        mergeable = len(persons) > 1
        if undo and (not mergeable or rng.random() < 0.4):
            key = rng.choice(sorted(undo))
            parts = undo.pop(key)
            persons = [one for one in persons if "|".join(one.files) != key] + list(parts)
            history.append(told(CustomersUnmerged, parts, revision))
            continue
        survivor, merged = rng.sample(persons, 2)
        whole = Person(survivor=survivor.survivor, files=tuple(sorted(survivor.files + merged.files)))
        undo["|".join(whole.files)] = (survivor, merged)
        persons = [one for one in persons if one not in (survivor, merged)] + [whole]
        history.append(told(CustomersMerged, [whole], revision))
        for part in (survivor, merged):  # undone in order only: what was built on waits until this is undone
            undo.pop("|".join(part.files), None)
    return history, {one.survivor: one.files for one in persons}


def batches(rng: Random, facts: list[Fact]) -> Iterator[list[Fact]]:
    while facts:
        size = rng.randint(1, 4)
        yield facts[:size]
        facts = facts[size:]


async def is_a_partition(connection: AsyncConnection) -> bool:
    persons, survivors = await persons_of(connection, FILES), await survivors_of(connection, FILES)
    each_once = sorted(file for files in persons.values() for file in files) == FILES
    return each_once and all(file in persons[survivor] for file, survivor in survivors.items())


async def test_acts_in_any_order_end_in_the_same_persons_and_are_persons_at_any_time(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    engine = create_engine(fresh_database("tally", migrations=MIGRATIONS).owner_url, application="test", pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(TABLE.create)
        for seed in range(60):
            rng = Random(seed)
            history, expected = lives(rng, rng.randint(1, 12))
            heard = [fact for act in history for fact in rng.sample(act, rng.randint(1, len(act)))]
            rng.shuffle(heard)
            await connection.execute(delete(TABLE))
            for batch in batches(rng, heard + rng.choices(heard, k=3)):
                await keep(connection, TABLE, batch)
                assert await is_a_partition(connection), f"seed {seed}"
            assert await persons_of(connection, FILES) == expected, f"seed {seed}"
    await engine.dispose()


def test_a_fact_that_names_no_persons_is_refused() -> None:
    alone = Person(survivor="f-1", files=("f-1",))
    with pytest.raises(ValidationError, match="survivor is one of the files"):
        Person(survivor="f-2", files=("f-1",))
    with pytest.raises(ValidationError, match="files are sorted, each once"):
        Person(survivor="f-1", files=("f-2", "f-1"))
    with pytest.raises(ValidationError, match="a file is of one person"):
        told(CustomersUnmerged, [alone, alone], 1)
    with pytest.raises(ValidationError, match="customer_id is a file of one of the persons"):
        told(CustomersUnmerged, [alone], 1)[0].model_validate(
            told(CustomersUnmerged, [alone], 1)[0].model_dump() | {"customer_id": "f-9"}
        )
