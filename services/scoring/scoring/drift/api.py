"""Drift over REST: every snapshot of the book against the reference of its scorecard version."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from rapport.web import Page, Paging, Principal, read, require
from scoring.drift.domain import Drift, Kind, Verdict
from scoring.drift.handlers import drifts

router = APIRouter(prefix="/drift", tags=["reports"])
Reader = Annotated[Principal, Depends(require("reports:read"))]
ByMoment = Annotated[Paging, Depends(Paging.by(datetime, int))]


class MeasureView(BaseModel):
    """One distribution against that of the reference."""

    kind: Kind = Field(examples=["input"])
    name: str = Field(description="The feature; else the same as `kind`", examples=["average_balance"])
    bins: int = Field(description="That anybody is in; points in tenths of the reference", examples=[8])
    psi: float = Field(description="Population stability index", examples=[0.031])
    noise: float = Field(description="What it would be on average if nothing had moved", examples=[0.0029])
    verdict: Verdict = Field(
        description="watch: from .1 on, moved: from .25 on; of fewer than 1,000 customers nothing can be said",
        examples=["nothing"],
    )


class DriftView(BaseModel):
    """A snapshot of the book, and how far it lies from the first one by the same scorecard version."""

    version: int = Field(description="The scorecard version in force", examples=[1])
    due_at: datetime = Field(description="The moment it is for", examples=["2026-06-20T16:00:00Z"])
    finished_at: datetime | None = Field(examples=["2026-06-20T16:00:21Z"])
    customers: int = Field(examples=[120_000])
    reference_due_at: datetime | None = Field(
        description="The version's first snapshot of at least 1,000 customers; null while it has none",
        examples=["2026-01-04T16:00:00Z"],
    )
    verdict: Verdict = Field(description="The gravest of all", examples=["nothing"])
    measures: list[MeasureView] = Field(description="Empty for the reference itself, and where there is none")

    @classmethod
    def of(cls, drift: Drift) -> "DriftView":
        """A snapshot beside its reference."""
        snapshot = drift.snapshot
        return cls(
            version=snapshot.version,
            due_at=snapshot.due_at,
            finished_at=snapshot.finished_at,
            customers=snapshot.customers,
            reference_due_at=drift.reference.due_at if drift.reference else None,
            verdict=drift.verdict,
            measures=[MeasureView(**one._asdict()) for one in drift.measures()],
        )


@router.get("", summary="List how the book has moved")
async def list_drift(
    request: Request,
    _: Reader,
    paging: ByMoment,
    version: Annotated[int | None, Query(ge=1, le=2_147_483_647, description="Only of this version")] = None,
) -> Page[DriftView]:
    """One snapshot a day, the latest first, of one scorecard version or all.

    An index alone is no reason to fit a scorecard anew: the inputs of a young book move a long way while the order of
    its customers stays the same. Look at points and tiers too.
    """
    async with read(request) as connection:
        found = await drifts(connection, version=version, before=paging.after, limit=paging.limit + 1)
    return paging.page(found, item=DriftView.of, key=lambda one: (one.snapshot.due_at, one.snapshot.version))
