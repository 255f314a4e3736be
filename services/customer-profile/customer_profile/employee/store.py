"""The bank's employees as it last told of each, by token."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import BigInteger, Boolean, Column, Index, Select, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.employee.domain import Employee
from customer_profile.tables import metadata
from rapport.database import upsert_many
from rapport.privacy.catalogue.columns import entry

employees = Table(
    "employees",
    metadata,
    Column("employee_id", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Index("employees_by_unit", "unit", "employee_id"),
    info=entry("staff-token"),
)


async def keep(connection: AsyncConnection, told: Iterable[Employee]) -> None:
    """Write these employees, none twice, where they are of a higher revision than what is kept."""
    await upsert_many(connection, employees, [asdict(employee) for employee in told], only_newer="revision")


def team_of(lead: str) -> Select[tuple[str]]:
    """Who works, or worked, in the unit of this employee, who has not left: customers of the gone still need one."""
    led = employees.alias("led")
    where = select(led.c.unit).where(led.c.employee_id == lead, led.c.active)
    return select(employees.c.employee_id).where(employees.c.unit.in_(where))
