"""The scorecards over REST: what decides who is in which tier is open to whoever may see a tier."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from rapport.web import Page, Paging, Principal, read, require
from scoring.scorecard import store
from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.domain import ScorecardNotFound

router = APIRouter(prefix="/scorecards", tags=["scorecards"])
Reader = Annotated[Principal, Depends(require("standings:read"))]
ByVersion = Annotated[Paging, Depends(Paging.by(int))]
Version = Annotated[int, Path(ge=1, le=2_147_483_647, description="Counts from 1", examples=[1])]


class ScorecardSummary(BaseModel):
    """One version, without its bins."""

    name: str = Field(examples=["retail-cny"])
    version: int = Field(examples=[1])
    currency: str = Field(examples=["CNY"])
    effective_from: datetime = Field(examples=["1990-01-01T00:00:00Z"])
    author: str = Field(examples=["Retail analytics"])
    reason: str = Field(examples=["First scorecard of the retail bank"])
    kept_at: datetime = Field(description="Since when this system knows it", examples=["2026-01-05T08:00:00Z"])

    @classmethod
    def of(cls, row: RowMapping) -> "ScorecardSummary":
        """A stored version, shortened."""
        shown = {name: row["document"][name] for name in ("name", "version", "currency", "author", "reason")}
        return cls(**shown, effective_from=row["effective_from"], kept_at=row["kept_at"])


@router.get("", summary="List scorecard versions")
async def list_scorecards(request: Request, _: Reader, paging: ByVersion) -> Page[ScorecardSummary]:
    """Every version that was ever in use, the latest first."""
    async with read(request) as connection:
        rows = await store.page(connection, before=paging.after[0] if paging.after else None, limit=paging.limit + 1)
    return paging.page(rows, item=ScorecardSummary.of, key=lambda row: (row["version"],))


@router.get(
    "/{version}",
    summary="Show one scorecard version",
    responses={404: {"description": "No such scorecard version"}},
)
async def show_scorecard(version: Version, request: Request, _: Reader) -> ScorecardDocument:
    """Complete: features, bins, points, thresholds, author, reason and the date from which it decides."""
    async with read(request) as connection:
        row = await store.find(connection, version)
    if row is None:
        raise ScorecardNotFound("There is no scorecard of this version")
    return ScorecardDocument.model_validate(row["document"])
