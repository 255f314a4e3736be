"""Fairness over REST: selection and false-alarm rates by group, and what cannot be known here."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from rapport.behaviour.rates import Rate
from rapport.web import Principal, read, require
from scoring.fairness.domain import BACK_WITHIN, LEAST, LOOKING_BACK, NOT_KNOWN, Attribute, Finding, Verdict
from scoring.fairness.handlers import latest_findings

router = APIRouter(prefix="/fairness", tags=["reports"])
Reader = Annotated[Principal, Depends(require("reports:read"))]
_RATE = {"value": 0.12, "low": 0.101, "high": 0.142}


class RateView(BaseModel):
    """A share and its 95 % interval (Wilson)."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, rate: Rate | None) -> "RateView | None":
        """Null where there are too few."""
        return None if rate is None else cls(**rate._asdict())


class FindingView(BaseModel):
    """One group of customers."""

    attribute: Attribute = Field(examples=["age_band"])
    name: str = Field(description="`unknown`: the bank does not know it, or did not tell it", examples=["30-44"])
    customers: int = Field(description="Without those who are known to have left", examples=[1_010])
    selection: RateView | None = Field(
        description=f"Share in the top tier; null for fewer than {LEAST} customers", examples=[_RATE]
    )
    tiers: dict[str, float] | None = Field(
        description="Share in each tier: the service received, as far as the tier decides it; null as `selection`",
        examples=[{"low": 0.44, "middle": 0.44, "high": 0.12}],
    )
    ratio: float | None = Field(
        description="Selection rate against that of the best-off group of the attribute, `unknown` left out",
        examples=[0.85],
    )
    verdict: Verdict = Field(
        description="By the four-fifths rule: met from .8 on; unclear: below, and the intervals of the two overlap",
        examples=["met"],
    )
    falls: int = Field(
        description=f"Times one was moved down in the {LOOKING_BACK.days} days up to {BACK_WITHIN.days} days ago",
        examples=[140],
    )
    false_alarms: RateView | None = Field(
        description=f"Share of the falls after which the customer was back in the former tier, or higher, within "
        f"{BACK_WITHIN.days} days; null for fewer than {LEAST} falls",
        examples=[_RATE],
    )

    @classmethod
    def of(cls, found: Finding) -> "FindingView":
        """What is said of a group."""
        group = found.group
        return cls(
            attribute=group.attribute,
            name=group.name,
            customers=group.customers,
            selection=RateView.of(found.selection),
            tiers=None if found.shares is None else dict(found.shares),
            ratio=found.ratio,
            verdict=found.verdict,
            falls=group.falls,
            false_alarms=RateView.of(found.false_alarms),
        )


class FairnessView(BaseModel):
    """Every group by each attribute, as it was when the book was last counted."""

    due_at: datetime | None = Field(
        description="The moment of the snapshot; null before the first", examples=["2026-06-20T16:00:00Z"]
    )
    version: int | None = Field(description="The scorecard version in force then", examples=[1])
    top_tier: str | None = Field(description="Being in it is being selected", examples=["high"])
    groups: list[FindingView]
    not_known: list[str] = Field(description="What scoring cannot tell", examples=[list(NOT_KNOWN)])


@router.get("", summary="Show rates by group")
async def show_fairness(request: Request, _: Reader) -> FairnessView:
    """Selection rate by age band, gender and region, its ratio to the best-off group, and falls that were taken back.

    A rate is told only of 100 customers, or falls, or more. What scoring cannot know stands in `not_known`.
    """
    async with read(request) as connection:
        found = await latest_findings(connection)
    if found is None:
        return FairnessView(due_at=None, version=None, top_tier=None, groups=[], not_known=list(NOT_KNOWN))
    counting, said = found
    views = [FindingView.of(one) for one in said]
    return FairnessView(**counting._asdict(), groups=views, not_known=list(NOT_KNOWN))
