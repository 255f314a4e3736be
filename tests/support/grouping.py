"""Acts of customer-profile that say which files are one customer, as every service hears them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged, Person

Grouped = CustomersMerged | CustomersUnmerged
AS_OF = datetime(2025, 3, 1, 12, tzinfo=UTC)


def merge(revision: int, survivor: str, *others: str) -> list[Grouped]:
    """These files become one customer: the act as it is told, once under each file."""
    return _told(CustomersMerged, revision, [person(survivor, *others)])


def unmerge(revision: int, *persons: Person) -> list[Grouped]:
    """A merge is undone, and these persons are left."""
    return _told(CustomersUnmerged, revision, persons)


def person(survivor: str, *others: str) -> Person:
    """A customer of these files."""
    return Person(survivor=survivor, files=tuple(sorted({survivor, *others})))


def _told(kind: type[Grouped], revision: int, persons: Sequence[Person]) -> list[Grouped]:
    act = {"persons": tuple(persons), "act_id": UUID(int=revision), "reason": "same-paper", "as_of": AS_OF}
    return [kind(customer_id=file, revision=revision, **act) for one in persons for file in one.files]
