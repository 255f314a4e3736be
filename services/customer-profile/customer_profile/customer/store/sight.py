"""Whose files a caller sees, as a condition of the query. The database's own policies say the same once more."""

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain import File
from customer_profile.customer.store.files import file_of, profiles
from customer_profile.employee.store import team_of
from rapport.row_security import Sight


def in_sight(sight: Sight) -> ColumnElement[bool]:
    """Files of customers whom this sight takes in: for a WHERE."""
    return _of_extent(sight) if sight.sees_archive else and_(profiles.c.archived_at.is_(None), _of_extent(sight))


def _of_extent(sight: Sight) -> ColumnElement[bool]:
    manager = profiles.c.relationship_manager
    match sight.extent:
        case "all":
            return true()
        case "team":
            return or_(manager == sight.subject, manager.in_(team_of(sight.subject)))
        case "own":
            return manager == sight.subject
        case "customer":
            return profiles.c.customer_id.in_(select(func.files_of_person(sight.subject)))
        case "none":
            return false()


async def find(connection: AsyncConnection, customer_id: str, *, sight: Sight) -> File | None:
    """The file of one customer; None where there is none, and where it is another's."""
    wanted = select(profiles).where(profiles.c.customer_id == customer_id, in_sight(sight))
    row = (await connection.execute(wanted)).mappings().one_or_none()
    return None if row is None else file_of(row)
