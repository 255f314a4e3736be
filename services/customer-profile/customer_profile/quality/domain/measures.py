"""What one record of a core shows of the quality of its data: attribute by attribute, seen and faulty or not.

The dimensions are those of ISO/IEC 25012 and GB/T 36344-2018 that can be told from data alone.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from customer_profile.customer.domain import Type, checked

Dimension = Literal["accuracy", "completeness", "consistency", "uniqueness", "timeliness"]
VALIDATED = ("id_number", "phone", "email")
"""Attributes with a rule that a value alone can break."""
_OF_FIRMS = ("full_name", "address", "id_type", "id_number")
EXPECTED: Mapping[Type, tuple[str, ...]] = {
    "personal": ("full_name", "gender", "address", "phone", "id_type", "id_number"),
    "corporate": _OF_FIRMS,
    "institution": _OF_FIRMS,
}
"""What a bank must know, as far as a file holds it: basic identity by Order 2007/2 of PBOC and others, article 33."""
LATE = timedelta(days=1)
"""A core that tells what it recorded with its end of day is never later."""


class Judgement(NamedTuple):
    """One attribute of one record under one dimension."""

    attribute: str
    dimension: Dimension
    is_fault: bool


def judged(
    type_: Type, identity: Mapping[str, str | None], gender: str, *, recorded_at: datetime, arrived_at: datetime
) -> Iterator[Judgement]:
    """All that a record of a customer shows. `identity`: as it was told, empty where it names none."""
    faults = checked(identity).faults
    for attribute in VALIDATED:
        if identity.get(attribute):
            yield Judgement(attribute, "accuracy", attribute in faults)
    known = {**identity, "gender": None if gender == "unknown" else gender}
    for attribute in EXPECTED[type_]:
        yield Judgement(attribute, "completeness", not known.get(attribute))
    yield Judgement("recorded_at", "timeliness", arrived_at - recorded_at > LATE)
