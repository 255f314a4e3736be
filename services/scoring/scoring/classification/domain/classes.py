"""The four classes of a customer: two are told by others, two follow from the standing by limits that are data."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal, NamedTuple

from scoring.version.domain.faults import Fault

Dimension = Literal["type", "attribute", "activity", "lifecycle"]
DIMENSIONS: tuple[Dimension, ...] = ("type", "attribute", "activity", "lifecycle")
UNKNOWN = "unknown"
"""In place of a class that nobody has told."""
CLASSES: dict[Dimension, tuple[str, ...]] = {
    "type": ("personal", "corporate", "institution"),
    "attribute": ("ordinary", "medium", "hnw"),
    "activity": ("low", "medium", "high"),
    "lifecycle": ("potential", "new", "mature", "lost"),
}
"""`attribute`: by the assets of the month before; `hnw` is a high net worth. `activity`: by own active days in 90."""


class Held(NamedTuple):
    """A class that a customer is in, and since when. `revision`: of what told it; of one reckoned here, its count."""

    customer_id: str
    dimension: Dimension
    value: str
    since: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on the middle and the upper class of attribute and activity reach.

    `assets`: average of the month before, in minor units. `days`: with a posting of the customer's own, of the last 90.
    """

    assets: tuple[float, float]
    days: tuple[int, int]

    def attribute_of(self, monthly_assets: float) -> str:
        """`ordinary`, `medium` or `hnw`."""
        return CLASSES["attribute"][bisect_right(self.assets, monthly_assets)]

    def activity_of(self, active_days: float) -> str:
        """`low`, `medium` or `high`."""
        return CLASSES["activity"][bisect_right(self.days, active_days)]

    def faults(self) -> list[Fault]:
        """Limits that do not rise, or that nobody could be above or below."""
        found = [
            Fault((name, "upper"), "does not lie above the middle")
            for name, limits in (("attribute", self.assets), ("activity", self.days))
            if any(one >= following for one, following in pairwise(limits))
        ]
        if self.days[1] > 90:
            found.append(Fault(("activity", "upper"), "is more than the 90 days that are looked at"))
        return found


def told(known: Held | None, new: Held) -> Held | None:
    """What is known of a class that others tell, once more of it was heard; None where that is nothing new.

    A higher revision replaces a lower one. A class that stays has held since it was first told.
    """
    if known is None:
        return new
    if new.revision <= known.revision:
        return None
    is_same = new.dimension == "type" and new.value == known.value
    return new._replace(since=known.since) if is_same else new
