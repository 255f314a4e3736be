"""The scorecards over REST: what decides who is in which tier is open to whoever may see a tier."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from rapport.clock import utc_now
from rapport.web import Page, Principal, read, require
from scoring.scorecard.documents import EXAMPLE, ScorecardContent
from scoring.scorecard.handlers import content_of
from scoring.scorecard.store import scorecards
from scoring.version.domain.life import VersionNotFound
from scoring.version.views import ByVersion, Status, Version

router = APIRouter(prefix="/scorecards", tags=["scorecards"])
Reader = Annotated[Principal, Depends(require("scorecards:read"))]


class ScorecardSummary(BaseModel):
    """One version, without its bins."""

    name: str = Field(examples=["retail-cny"])
    version: int = Field(examples=[1])
    status: Status = Field(description="Superseded: approved, and a later one is in force", examples=["approved"])
    currency: str = Field(examples=["CNY"])
    effective_from: datetime | None = Field(
        description="Null until it is approved, and for one withdrawn as a draft", examples=["1990-01-01T00:00:00Z"]
    )
    author: str = Field(examples=["Retail analytics"])
    reason: str = Field(examples=["First scorecard of the retail bank"])
    drafted_by: str | None = Field(description="Who asked for it; null for one that came as a file", examples=["e-17"])
    kept_at: datetime = Field(description="Since when this system knows it", examples=["2026-01-05T08:00:00Z"])

    @classmethod
    def of(cls, row: RowMapping) -> "ScorecardSummary":
        """A stored version, shortened."""
        said = {name: row["document"][name] for name in ("name", "currency", "author", "reason")}
        kept = {name: row[name] for name in ("version", "status", "effective_from", "drafted_by", "kept_at")}
        return cls(**said, **kept)


class ScorecardView(ScorecardContent):
    """One version, complete."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {**EXAMPLE, "version": 1, "status": "approved", "effective_from": "1990-01-01T00:00:00Z"},
            ]
        }
    )

    version: int
    status: Status
    effective_from: datetime | None


@router.get("", summary="List scorecard versions")
async def list_scorecards(request: Request, _: Reader, paging: ByVersion) -> Page[ScorecardSummary]:
    """Every version there is, the latest first: drafts, what decides now or later, and what did."""
    async with read(request) as connection:
        rows = await scorecards.page(connection, utc_now(), before=paging.key, limit=paging.limit + 1)
    return paging.page(rows, item=ScorecardSummary.of, key=lambda row: (row["version"],))


@router.get(
    "/{version}",
    summary="Show one scorecard version",
    responses={404: {"description": "No such scorecard version"}},
)
async def show_scorecard(version: Version, request: Request, _: Reader) -> ScorecardView:
    """Complete: features, bins, points, thresholds, author, reason and the moment from which it decides."""
    async with read(request) as connection:
        row = await scorecards.find(connection, version, utc_now())
    if row is None:
        raise VersionNotFound("There is no scorecard of this version")
    content = content_of(row["document"]).model_dump()
    return ScorecardView.model_validate(
        {**content, **{name: row[name] for name in ("version", "status", "effective_from")}}
    )
