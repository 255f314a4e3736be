"""The service's own tables are declared on this metadata, each in the store of its concept.

Those that services share are here: `rapport.ahead`, `rapport.consent`, `rapport.person`, `rapport.segment`,
`rapport.sight` and `rapport.tier` work with them.
"""

from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, Integer, MetaData, Text, Uuid

from rapport.ahead.store import waiting
from rapport.consent import store as consent
from rapport.person import store as person
from rapport.person.asking import asking
from rapport.privacy.catalogue.columns import entry
from rapport.segment import store as segment
from rapport.sight import store as sight
from rapport.tier import store as tier

metadata = MetaData()
consents = consent.copies(metadata)
merged_files = person.copies(metadata)
person_due_times = asking(metadata, Column("objection", Text, info=entry("consent")))
events_ahead = waiting(metadata, "posting", "account-balance", "interaction")
customer_managers = sight.managers(metadata)
employees = sight.staff(metadata)
tiers = tier.copies(metadata)
segments = segment.copies(metadata)


def lines_of(table: str, key: str, *, what: str = "step") -> tuple[Column[Any], ...]:
    """How every history of a row begins: of which row of `table`, its number, what happened, and both times."""
    at = DateTime(timezone=True)
    return (
        Column(key, Uuid, ForeignKey(f"{table}.{key}"), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column(what, Text, nullable=False),
        Column("happened_at", at, nullable=False),
        Column("known_at", at, nullable=False),
    )
