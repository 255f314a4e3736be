"""The tables `customer_managers` and `employees`, copies replaced only by a higher revision, and whose customers a
caller sees by them, as a condition of any query.

A customer without a row in `customer_managers` is seen by who sees all customers, and by no manager.
"""

from collections.abc import Collection, Iterable
from typing import Any

from asyncpg import Record
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    any_,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    table,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import select_many, upsert_many
from rapport.events.bank import EmployeeChanged
from rapport.events.customer_profile import CustomerProfiled
from rapport.person.store import MERGED, files_of
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import kept_until
from rapport.row_security import Sight

_managers = table("customer_managers", column("customer_id", Text), column("relationship_manager", Text))
_staff = table("employees", column("employee_id", Text), column("unit", Text), column("active", Boolean))
_files = table("merged_files", column("customer_id", Text), column("survivor", Text), column("revision", BigInteger))
_SURVIVOR = f"SELECT merged.survivor FROM {MERGED} merged WHERE merged.customer_id = :asked"  # noqa: S608 - our own words


def managers(metadata: MetaData) -> Table:
    """Who manages each customer, none where nobody does: on a service's own metadata; a migration of it makes it."""
    return Table(
        "customer_managers",
        metadata,
        Column("customer_id", Text, primary_key=True),
        Column("relationship_manager", Text),
        Column("revision", BigInteger, nullable=False),
        Index("customer_managers_by_manager", "relationship_manager", "customer_id"),
        # A file that lies there for the law alone is no manager's any more.
        info=entry("staff-token") | kept_until("archived"),
    )


def staff(metadata: MetaData) -> Table:
    """The bank's employees as it last told of each: on a service's own metadata; a migration of it makes it."""
    return Table(
        "employees",
        metadata,
        Column("employee_id", Text, primary_key=True),
        Column("unit", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("active", Boolean, nullable=False),
        Column("revision", BigInteger, nullable=False),
        Index("employees_by_unit", "unit", "employee_id"),
        info=entry("staff-token") | kept_until("for ever"),
    )


async def keep_managers(connection: AsyncConnection, kept: Table, told: Iterable[CustomerProfiled]) -> None:
    """Take of each customer the manager of the highest revision; one statement."""
    newest = {fact.customer_id: fact for fact in sorted(told, key=lambda fact: fact.revision)}
    rows = [fact.model_dump(include={"customer_id", "relationship_manager", "revision"}) for fact in newest.values()]
    await upsert_many(connection, kept, rows, only_newer="revision")


async def keep_staff(connection: AsyncConnection, kept: Table, told: Iterable[EmployeeChanged]) -> None:
    """Take of each employee the word of the highest revision; one statement."""
    newest = {fact.employee_id: fact.model_dump() for fact in sorted(told, key=lambda fact: fact.revision)}
    # In one order everywhere: two polls that hear of the same employees wait for each other and do not lock up.
    await upsert_many(connection, kept, [newest[one] for one in sorted(newest)], only_newer="revision")


async def managers_of(connection: AsyncConnection, kept: Table, customer_ids: Collection[str]) -> dict[str, str]:
    """Who manages each of these files, of those that somebody manages."""
    rows = await select_many(connection, kept, sorted(customer_ids))
    return {row["customer_id"]: row["relationship_manager"] for row in rows if row["relationship_manager"] is not None}


async def staff_of(connection: AsyncConnection, kept: Table, employee_ids: Collection[str]) -> dict[str, Record]:
    """The bank's last word on each of these employees: unit, role, whether active; none of who is unknown."""
    return {row["employee_id"]: row for row in await select_many(connection, kept, sorted(employee_ids))}


async def units_of(connection: AsyncConnection, kept: Table, employee_ids: Collection[str]) -> dict[str, str]:
    """In which unit each of these employees works, or worked last."""
    return {one: row["unit"] for one, row in (await staff_of(connection, kept, employee_ids)).items()}


def in_charge(manager: ColumnElement[str | None], sight: Sight) -> ColumnElement[bool]:
    """That this column names who has charge by a sight of `own` or `team`: for a WHERE."""
    if sight.extent == "own":
        return manager == sight.subject
    # An array and not a subquery of its own: it is read once, and an index over managers is gone through by it.
    mates = union_all(select(literal(sight.subject, Text)), team_of(sight.subject)).scalar_subquery()
    return manager == any_(func.array(mates, type_=ARRAY(Text)))


def team_of(lead: str) -> Select[tuple[str]]:
    """Who works, or worked, in the unit of this employee, who has not left: customers of the gone still need one."""
    led = _staff.alias("led")
    where = select(led.c.unit).where(led.c.employee_id == lead, led.c.active)
    return select(_staff.c.employee_id).where(_staff.c.unit.in_(where))


def in_sight(customer_id: ColumnElement[str], sight: Sight) -> ColumnElement[bool]:
    """That this column names a file whom the sight takes in: for a WHERE, in every service with these tables."""
    match sight.extent:
        case "all":
            return true()
        case "own" | "team":
            charge = in_charge(_managers.c.relationship_manager, sight)
            return exists().where(_managers.c.customer_id == customer_id, charge)
        case "customer":
            return or_(customer_id == sight.subject, _is_with(customer_id, sight.subject))
        case "none":
            return false()


def _is_with(customer_id: ColumnElement[str], file: str) -> ColumnElement[bool]:
    """That the column names a file of the person that `file` is of, by the same act."""
    asked, own, other = (_files.alias(name) for name in ("asked", "own", "other"))
    one_act = and_(asked.c.revision == own.c.revision, other.c.revision == own.c.revision)
    one_person = and_(asked.c.survivor == own.c.customer_id, other.c.survivor == own.c.customer_id)
    return exists().where(
        asked.c.customer_id == file,
        own.c.survivor == own.c.customer_id,
        other.c.customer_id == customer_id,
        one_person,
        one_act,
    )


def files_in_charge(sight: Sight) -> ColumnElement[Any]:
    """The files that a sight of `own` or `team` takes in, as one array: read once. For lists whose own index would be
    walked until enough of the sight were found."""
    files = select(_managers.c.customer_id).where(in_charge(_managers.c.relationship_manager, sight))
    return func.array(files.scalar_subquery(), type_=ARRAY(Text))


async def sees(connection: AsyncConnection, customer_id: str, sight: Sight) -> bool:
    """Whether this file is in sight, and so is the one that its person is known by: what is decided is the person's."""
    if sight.extent == "all" or sight == Sight("customer", customer_id):
        return True
    survivor = text(_SURVIVOR).bindparams(asked=customer_id).columns(column("survivor", Text)).subquery("person")
    is_anothers = exists().select_from(survivor).where(~in_sight(survivor.c.survivor, sight))
    wanted = select(and_(in_sight(literal(customer_id, Text), sight), ~is_anothers))
    return bool((await connection.execute(wanted)).scalar_one())


async def seen_of(connection: AsyncConnection, files: Collection[str], sight: Sight) -> tuple[str, ...]:
    """Those of these files that are in sight, sorted."""
    if sight.extent == "all":
        return tuple(sorted(files))
    file = func.unnest(literal(sorted(files), ARRAY(Text)), type_=Text).column_valued("file")
    return tuple(sorted((await connection.execute(select(file).where(in_sight(file, sight)))).scalars()))


async def files_in_sight(connection: AsyncConnection, customer_id: str, sight: Sight) -> tuple[str, ...]:
    """All files in sight of the person that this file is of; none where the file itself is another's."""
    seen = await seen_of(connection, await files_of(connection, customer_id), sight)
    return seen if customer_id in seen else ()
