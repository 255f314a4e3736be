"""What is known of an employee: the word of the highest revision, in whatever order the words come."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Employee:
    """A member of staff by token. Who is not `active` leads no team."""

    employee_id: str
    unit: str
    role: str
    active: bool
    revision: int


def latest(told: Iterable[Employee]) -> list[Employee]:
    """Of each employee the last word."""
    by_revision = sorted(told, key=lambda employee: employee.revision)
    return list({employee.employee_id: employee for employee in by_revision}.values())
