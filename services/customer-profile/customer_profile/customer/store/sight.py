"""Whose files a caller sees, as a condition of the query. The database's own policies say the same once more."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, any_, collate, false, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain import File
from customer_profile.customer.store.files import file_of, profiles
from rapport.events.customer_profile import Person
from rapport.person.store import person_of_each
from rapport.row_security import Sight
from rapport.sight.store import in_charge


def in_sight(sight: Sight) -> ColumnElement[bool]:
    """Files of customers whom this sight takes in: for a WHERE."""
    return _of_extent(sight) if sight.sees_archive else and_(profiles.c.archived_at.is_(None), _of_extent(sight))


def _of_extent(sight: Sight) -> ColumnElement[bool]:
    match sight.extent:
        case "all":
            return true()
        case "own" | "team":
            return in_charge(profiles.c.relationship_manager, sight)
        case "customer":
            return profiles.c.customer_id.in_(select(func.files_of_person(sight.subject)))
        case "none":
            return false()


async def find(connection: AsyncConnection, customer_id: str, *, sight: Sight) -> File | None:
    """The file of one customer; None where there is none, and where it is another's."""
    wanted = select(profiles).where(profiles.c.customer_id == customer_id, in_sight(sight))
    row = (await connection.execute(wanted)).mappings().one_or_none()
    return None if row is None else file_of(row)


async def persons_in_sight(
    connection: AsyncConnection, customer_ids: Collection[str], *, sight: Sight
) -> dict[str, Person]:
    """Each of these files, which are in sight → its person, of the files that are in sight too.

    A file whose survivor is another's is a person of its own to this caller.
    """
    persons = await person_of_each(connection, customer_ids)
    others = {file for person in persons.values() for file in person.files} - set(customer_ids)
    if not others:
        return persons
    wanted = select(profiles.c.customer_id).where(profiles.c.customer_id.in_(sorted(others)), in_sight(sight))
    seen = {*customer_ids, *(await connection.execute(wanted)).scalars()}
    return {file: _seen(file, person, seen) for file, person in persons.items()}


def files_in_sight(customer_id: str, *, sight: Sight) -> Select[Any]:
    """The files of this file's person that are in sight, sorted: one row with `files`, to be put into a statement."""
    theirs = func.array(select(func.files_of_person(customer_id)).scalar_subquery())
    by_token = aggregate_order_by(profiles.c.customer_id, collate(profiles.c.customer_id, "C"))
    wanted = select(func.array_agg(by_token).label("files"))
    return wanted.where(profiles.c.customer_id == any_(theirs), in_sight(sight))


def _seen(file: str, person: Person, seen: Collection[str]) -> Person:
    if person.survivor not in seen:
        return Person(survivor=file, files=(file,))
    return Person(survivor=person.survivor, files=tuple(one for one in person.files if one in seen))
