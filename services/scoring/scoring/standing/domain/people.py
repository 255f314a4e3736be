"""What people add to a standing: a tier that two of them gave, while the scorecard's own course goes on underneath."""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from scoring.scorecard.domain import Tier

PeopleAct = Literal[
    "override-began",
    "override-replaced",
    "override-ended",
    "override-revoked",
    "automation-refused",
    "refusal-withdrawn",
    "consent-refused",
    "consent-given",
    "relationship-restricted",
    "relationship-resumed",
]
"""What people did that moved a tier. `override-replaced`: by the one that counts now; `override-ended`: by time.
`consent-refused`: declined or withdrawn."""
RESTRICTIONS: frozenset[PeopleAct] = frozenset({"relationship-restricted", "relationship-resumed"})
"""Of these the customer is not told: they can tell of an inquiry."""
REFUSALS: frozenset[PeopleAct] = RESTRICTIONS | frozenset[PeopleAct](
    {"automation-refused", "refusal-withdrawn", "consent-refused", "consent-given"}
)
"""What was heard of the customer, and people of the bank did not do to the tier."""
TO_THE_SCORECARD: frozenset[PeopleAct] = frozenset(
    {"override-ended", "override-revoked", "refusal-withdrawn", "consent-given", "relationship-resumed"}
)
"""After these the customer is where the scorecard's own course is."""


class Course(NamedTuple):
    """Where the scorecard has a customer, and since when; None before the first decision."""

    tier: Tier | None
    since: datetime | None


class Override(NamedTuple):
    """A tier that two people gave a customer until a moment, that moment excluded."""

    id: UUID
    tier: Tier
    until: datetime
