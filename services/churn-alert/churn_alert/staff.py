"""To whom work on a customer may be given: by what the bank told last of its employees."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.tables import employees
from rapport.errors import DomainError
from rapport.sight.store import staff_of

LOOK_AFTER = frozenset({"rm", "team_lead"})
"""Who looks after customers, by the role in which the bank employs them."""


class OwnerNotActive(DomainError):
    """No employee of the bank who does such work and is there now."""


class OwnerOfOtherUnit(DomainError):
    """Somebody of another unit than the lead who asks."""


async def check_assignee(
    connection: AsyncConnection,
    *,
    to: str,
    by: str,
    is_bound: bool,
    field: str = "owner",
    roles: Collection[str] = LOOK_AFTER,
) -> None:
    """Whether work may be given to this employee. `is_bound`: who asks gives work within the own unit alone, as a lead
    does. `field`: of the request, named where it may not.

    Raises OwnerNotActive unless it is somebody of one of these roles who works here now, and OwnerOfOtherUnit.
    """
    staff = await staff_of(connection, employees, {to, by})
    found = staff.get(to)
    if found is None or not found["active"] or found["role"] not in roles:
        names = " or ".join(sorted(one.replace("_", " ").replace("rm", "manager") for one in roles))
        raise OwnerNotActive(f"`{field}` must be a {names} who works here now")
    if is_bound and (by not in staff or staff[by]["unit"] != found["unit"]):
        raise OwnerOfOtherUnit(f"`{field}` must work in your unit; compliance may hand it to another")
