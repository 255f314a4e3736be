"""What scoring tells: which tier a customer is in, and why; and what kind of customer it is."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from rapport.events.base import Code, Event, Revision, Time, Token

Dimension = Literal["value", "behaviour", "potential", "risk"]


class Reason(BaseModel):
    """One feature that held the points down: how far it stands below the typical customer's points."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    feature: Code
    points: int
    shortfall: float


class TierChanged(Event):
    """A tier decision that changed the tier or its place in the ladder; the first of a customer has no old tier.

    Tiers are named by the bank's scorecard. Where a tier stands is said by `rank`, 1 being the top, of `ladder` steps;
    facts without them are of the ladder high, middle, low. `cause`: an event, time alone, or an override by people that
    began or ended.
    """

    name: ClassVar[str] = "tier-changed"
    producer: ClassVar[str] = "scoring"
    is_state: ClassVar[bool] = True

    customer_id: Token
    old_tier: Code | None
    tier: Code
    points: int
    points_by_dimension: dict[Dimension, int]
    reasons: tuple[Reason, ...]
    scorecard_version: int
    decided_at: Time
    revision: Revision
    rank: int | None = Field(default=None, ge=1)
    ladder: int | None = Field(default=None, ge=2)
    cause: Literal["event", "time", "override"] | None = None


class SegmentChanged(Event):
    """A customer is in another segment than before, a kind of customer that the model of segments has a name for.

    It names and decides nothing. `since`: the beginning of a month, or when a new model came to this customer, or the
    files were merged. `segments_version`: of the model that placed the customer; a later one that agrees is not told.
    """

    name: ClassVar[str] = "segment-changed"
    producer: ClassVar[str] = "scoring"
    is_state: ClassVar[bool] = True

    customer_id: Token
    segment: Code
    old_segment: Code | None = None
    segments_version: int = Field(ge=1)
    since: Time
    revision: Revision
