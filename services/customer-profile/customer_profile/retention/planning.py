"""All files looked through for what is due, a page at a time: for a table of what is coming, and for a batch."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo

from sqlalchemy.ext.asyncio import AsyncEngine

from customer_profile.customer.domain import CustomerClass
from customer_profile.retention.domain.due import Action, Due, Group, Known, Postponement, due, schedule
from customer_profile.retention.handlers import persons_files
from customer_profile.retention.store.known import ending
from rapport.privacy.catalogue.document import published

_PAGE = 500
Person = Sequence[Known]
"""A file, and the others of its person."""


@dataclass(slots=True)
class Plan:
    """How many files there are: by class, group and year in which the group's period ends; due by class and action,
    of them the earliest; and postponed, by why.
    """

    ending: Counter[tuple[CustomerClass, Group, int]] = field(default_factory=Counter)
    due: Counter[tuple[CustomerClass, Action]] = field(default_factory=Counter)
    postponed: Counter[Postponement] = field(default_factory=Counter)
    earliest: date | None = None


async def persons(engine: AsyncEngine, *, on: date, zone: tzinfo) -> AsyncIterator[list[Person]]:
    """Every file that could be due, a page at a time; each page is read in a transaction of its own."""
    after = ""
    while True:
        async with engine.connect() as connection:
            page = await ending(connection, after=after, limit=_PAGE)
            found = await persons_files(connection, page, today=on, zone=zone)
        if not page:
            return
        yield list(found.values())
        after = page[-1]


def count(plan: Plan, person: Person, *, on: date) -> Due | None:
    """Enter a file into the plan; what is due of it now."""
    file, retentions = person[0], published().retentions
    found = schedule(person, retentions)
    if found is None:
        return None
    plan.ending.update((file.customer_class, group, day.year) for group, day in found.days.items())
    now = due(file, person, retentions, on=on)
    if now is not None:
        plan.due[file.customer_class, now.action] += 1
        plan.earliest = min(plan.earliest or now.since, now.since)
    elif found.archive_on <= on:
        plan.postponed.update({why for one in person for why in one.postponed_by})
    return now
