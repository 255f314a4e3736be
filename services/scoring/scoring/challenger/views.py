"""What is asked of a challenger, and what is answered."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from rapport.web import Body, Problems
from scoring.challenger.domain.comparison import BIN, Comparison
from scoring.challenger.domain.contest import (
    Challenger,
    ChallengerEnded,
    ChallengerNotFound,
    ChallengerRefused,
    NothingCompared,
)
from scoring.fairness.api import RateView

PROBLEMS: Problems = {
    ChallengerNotFound: (404, "No such challenger"),
    ChallengerRefused: (409, "The version cannot be the challenger"),
    ChallengerEnded: (409, "The challenger has ended"),
    NothingCompared: (409, "Nothing is compared yet"),
}
_AGREEMENT: dict[str, JsonValue] = {"value": 0.957, "low": 0.955, "high": 0.958}
_COMPARISON: dict[str, JsonValue] = {
    "against": 1,
    "customers": 120_000,
    "agreement": _AGREEMENT,
    "events": 2_410_377,
    "agreement_of_events": _AGREEMENT,
    "old_top_tier": "high",
    "top_tier": "high",
    "swapped_in": 1_310,
    "swapped_out": 1_122,
    "migration": [{"old_tier": "middle", "tier": "high", "customers": 1_310}],
    "differences": [{"start": -10, "customers": 8_204}],
}


class ShadowReason(Body):
    """Why a version runs in shadow, or no longer."""

    reason: str = Field(min_length=1, max_length=1000, examples=["Refitted on the outcomes of 2025"])


class Migration(BaseModel):
    """So many customers whom the version in force has in one tier and the challenger in another, or the same."""

    old_tier: str = Field(description="By the version in force", examples=["middle"])
    tier: str = Field(description="By the challenger", examples=["high"])
    customers: int = Field(examples=[1_310])


class DifferenceView(BaseModel):
    """So many customers have `start` points more by the challenger, or up to 9 more than that."""

    start: int = Field(description="Negative where the challenger gives fewer", examples=[-10])
    customers: int = Field(examples=[8_204])


class ComparisonView(BaseModel):
    """Both courses of the whole book; people's overrides are left out of both."""

    model_config = ConfigDict(json_schema_extra={"examples": [_COMPARISON]})

    against: int = Field(description="The version in force")
    customers: int
    agreement: RateView | None = Field(description="Share of customers in the same tier by both (95 %, Wilson)")
    events: int = Field(description="Live events that both decided on")
    agreement_of_events: RateView | None = Field(
        description="Share of events after which both had the same tier (95 %, customers as clusters)",
    )
    old_top_tier: str = Field(description="By the version in force")
    top_tier: str = Field(description="By the challenger")
    swapped_in: int = Field(description="Customers who would be in the top tier and are not")
    swapped_out: int = Field(description="Customers who are in the top tier and would not be")
    migration: list[Migration]
    differences: list[DifferenceView] = Field(description=f"Points by the challenger less those in force, by {BIN}")

    @classmethod
    def of(cls, found: Comparison) -> "ComparisonView":
        """What was counted."""
        return cls(
            against=found.against,
            customers=found.customers,
            agreement=RateView.of(found.agreement),
            events=found.events,
            agreement_of_events=RateView.of(found.agreement_of_events),
            old_top_tier=found.old_top,
            top_tier=found.top,
            swapped_in=found.swapped_in,
            swapped_out=found.swapped_out,
            migration=[
                Migration(old_tier=old, tier=new, customers=customers)
                for old, row in sorted(found.matrix.items())
                for new, customers in sorted(row.items())
            ],
            differences=[
                DifferenceView(start=start, customers=customers)
                for start, customers in sorted((int(start), count) for start, count in found.differences.items())
            ],
        )


class ShadowView(BaseModel):
    """A challenger beside the version in force, as counted last: once a minute while it runs."""

    version: int = Field(examples=[2])
    entered_at: datetime = Field(examples=["2026-06-20T08:00:00Z"])
    begins_at: datetime = Field(
        description="From then on every live event is scored", examples=["2026-06-20T08:00:30Z"]
    )
    ended_at: datetime | None = Field(
        description="Stopped, approved or withdrawn; null while it runs", examples=["2026-07-20T08:00:00Z"]
    )
    customers_total: int = Field(examples=[120_000])
    customers_done: int = Field(description="Brought into the shadow so far, silent or not", examples=[120_000])
    counted_at: datetime | None = Field(description="Null before the first count", examples=["2026-07-20T07:59:12Z"])
    comparison: ComparisonView | None = Field(description="Null before the first count", examples=[_COMPARISON])
    fault: str | None = Field(
        description="Why this release cannot read it, so that nobody is decided by it; null where it can",
        examples=["scorecard 2 can no longer be read: features.1.name: is no feature that is known"],
    )

    @classmethod
    def of(cls, found: Challenger, *, fault: str | None = None) -> "ShadowView":
        """A challenger, running or not."""
        said = found.comparison
        return cls(
            version=found.version,
            entered_at=found.entered_at,
            begins_at=found.begins_at,
            ended_at=found.ended_at,
            customers_total=found.customers_total,
            customers_done=found.customers_done,
            counted_at=found.counted_at,
            comparison=None if said is None else ComparisonView.of(said),
            fault=fault,
        )


class SwapView(BaseModel):
    """A customer who would change places at the top."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: str = Field(examples=["c-4f1d8a"])
    old_tier: str = Field(description="By the version in force", examples=["middle"])
    tier: str = Field(description="By the challenger", examples=["high"])
    old_points: int = Field(description="By the version in force, as last decided", examples=[201])
    points: int = Field(description="By the challenger, as last decided", examples=[214])
