"""What people add to a standing: a tier that two of them gave, while the scorecard's own course goes on underneath."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from scoring.scorecard.domain import Tier


class Course(NamedTuple):
    """Where the scorecard has a customer, and since when; None before the first decision."""

    tier: Tier | None
    since: datetime | None


class Override(NamedTuple):
    """A tier that two people gave a customer until a moment, that moment excluded."""

    id: UUID
    tier: Tier
    until: datetime
