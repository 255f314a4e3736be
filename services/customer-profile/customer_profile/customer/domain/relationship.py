"""Where the business relationship with a customer stands, and which steps people may take, by what right and why.

The core's status is one of three words that it follows from; the others are whether the customer was ever admitted and
whether people restrict it. Each is its own latest word, so where the relationship stands is the same in any order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

Relationship = Literal["admission", "active", "restricted", "exited"]
Status = Literal["active", "closed", "deceased"]
Reason = Literal[
    "identity-verified", "application-withdrawn", "not-accepted", "due-diligence-overdue", "legal-order",
    "compliance-review", "retention-only", "restriction-lifted", "closed-by-customer", "closed-by-bank", "deceased",
    "reopened", "exit-mistaken",
]  # fmt: skip
Cause = Literal[Reason, "core-record", "application"]
"""What a step is noted with: a person's reason, or that the core or an application said so."""
Right = Literal["relationships:write", "relationships:restrict"]

_ENDS: tuple[Reason, ...] = ("closed-by-customer", "closed-by-bank", "deceased")
INQUIRIES: tuple[Reason, ...] = ("legal-order", "compliance-review")
"""Why people restrict where somebody inquires: the customer must not be told, nor any trace of it be destroyed."""
RESTRICTS: tuple[Reason, ...] = ("due-diligence-overdue", *INQUIRIES, "retention-only")
_REOPENS: tuple[Reason, ...] = ("reopened", "exit-mistaken")


class Way(NamedTuple):
    """A step that there is: who may take it, and for which reasons."""

    right: Right
    reasons: tuple[Reason, ...]


WAYS: Mapping[tuple[Relationship, Relationship], Way] = {
    ("admission", "active"): Way("relationships:write", ("identity-verified",)),
    ("admission", "exited"): Way("relationships:write", ("application-withdrawn", "not-accepted", "deceased")),
    ("active", "restricted"): Way("relationships:restrict", RESTRICTS),
    ("active", "exited"): Way("relationships:write", _ENDS),
    ("restricted", "active"): Way("relationships:restrict", ("restriction-lifted",)),
    ("restricted", "exited"): Way("relationships:restrict", _ENDS),
    ("exited", "admission"): Way("relationships:write", _REOPENS),
    ("exited", "active"): Way("relationships:write", _REOPENS),
    ("exited", "restricted"): Way("relationships:restrict", _REOPENS),
    ("exited", "exited"): Way("relationships:restrict", ("restriction-lifted",)),
}
"""An exit is reopened to where it came from: a restriction outlasts it, and who never was admitted still is not. Lifted
after the exit, it keeps the file no longer, and nothing else begins anew.
"""


@dataclass(frozen=True, slots=True)
class StatusStep:
    """One step: `occurred_at` is when it is about, `recorded_at` when the bank came to know. Nobody: the core's."""

    id: UUID
    customer_id: str
    before: Relationship | None
    after: Relationship
    reason: Cause
    by: str | None
    occurred_at: datetime
    recorded_at: datetime

    @property
    def may_tell_of_inquiry(self) -> bool:
        """Whether its reason does, or would by being shown: where others are, one that is not can only be of one."""
        return self.reason in RESTRICTS


def relationship_of(status: Status, *, is_admitted: bool, is_restricted: bool) -> Relationship:
    """What the three words come to: an end outweighs a restriction, and that outweighs the rest."""
    if status != "active":
        return "exited"
    if is_restricted:
        return "restricted"
    return "active" if is_admitted else "admission"
