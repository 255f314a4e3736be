"""The scorecards over REST: what decides who is in which tier is open to whoever may see a tier."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import ConfigDict

from rapport.clock import utc_now
from rapport.web import Principal, read, require
from scoring.scorecard.documents import EXAMPLE, ScorecardContent
from scoring.scorecard.store import scorecards
from scoring.version.api import serve_lists
from scoring.version.domain.life import VersionNotFound
from scoring.version.views import Status, Version

router = APIRouter(prefix="/scorecards", tags=["scorecards"])
Reader = Annotated[Principal, Depends(require("scorecards:read"))]
serve_lists(router, scorecards, reader="scorecards:read")


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
        raise VersionNotFound(scorecards.noun, scorecards.table.name)
    content = ScorecardContent.stored(row["document"]).model_dump()
    return ScorecardView.model_validate(
        {**content, **{name: row[name] for name in ("version", "status", "effective_from")}}
    )
