"""The segments over REST: what kinds of customers the bank has, every version with its figures."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from rapport.web import Page, Principal, read, require
from scoring.segment import store
from scoring.segment.domain.model import Fitted, Segment, SegmentModel
from scoring.version.views import ByVersion

router = APIRouter(prefix="/segments", tags=["segments"])
Reader = Annotated[Principal, Depends(require("scorecards:read"))]

_SEGMENT: dict[str, JsonValue] = {
    "name": "savers",
    "name_zh": "储蓄型",
    "customers": 7231,
    "share": 0.15,
    "average_balance": 301204.18,
    "investments": 20110.4,
    "loans": 0.0,
    "turnover": 6020.77,
    "active_days": 24.8,
    "products": 2.0,
}
_TRIED: list[JsonValue] = [
    {"clusters": 5, "silhouette": 0.28, "stability": 0.65, "follows": False},
    {"clusters": 6, "silhouette": 0.31, "stability": 0.72, "follows": False},
    {"clusters": 6, "silhouette": 0.31, "stability": 0.7, "follows": True},
]


class SegmentView(BaseModel):
    """One segment, and what its typical customer has; money in whole units of the bank's currency."""

    name: str
    name_zh: str
    customers: int = Field(description="Of the whole book, as of the fit")
    share: float
    average_balance: float = Field(description="With a half-life of 90 days")
    investments: float = Field(description="Deposits, wealth products, funds and insurance")
    loans: float = Field(description="Owed")
    turnover: float = Field(description="A month")
    active_days: float = Field(description="Of the last 90")
    products: float

    @classmethod
    def of(cls, segment: Segment, fitted: Fitted) -> "SegmentView":
        """A segment of a version."""
        told = zip(fitted.scales, fitted.natural(segment), strict=True)
        return cls(
            name=segment.name,
            name_zh=segment.name_zh,
            customers=segment.customers,
            share=segment.customers / fitted.figures.customers,
            **{scale.trait: round(value, 2) + 0.0 for scale, value in told},
        )


class CandidateView(BaseModel):
    """A clustering that was tried: the one that follows was taken unless another is more stable by more than 0.2."""

    model_config = ConfigDict(from_attributes=True)

    clusters: int
    silhouette: float = Field(description="1 where segments lie far apart, 0 where they touch")
    stability: float = Field(
        description="Mean adjusted Rand index of refits on customers drawn anew: 1 where all are grouped as before"
    )
    follows: bool = Field(description="Begun at the centroids of the former version, not afresh")


class SegmentModelView(BaseModel):
    """One version of the segments; a version never changes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 2,
                    "made_at": "2026-07-01T02:00:07Z",
                    "as_of": "2026-07-01T02:00:00Z",
                    "customers": 48210,
                    "fitted_on": 48210,
                    "silhouette": 0.31,
                    "stability": 0.7,
                    "kept": 5,
                    "renamed": 0.08,
                    "tried": _TRIED,
                    "segments": [_SEGMENT],
                }
            ]
        }
    )

    version: int
    made_at: datetime
    as_of: datetime = Field(description="The moment customers were read as of")
    customers: int
    fitted_on: int = Field(description="All of them, or a sample that is always the same")
    silhouette: float
    stability: float
    kept: int = Field(description="Segments that are the former version's, and bear its names")
    renamed: float | None = Field(
        description="Share of the customers in a segment of another name than by the former version; null for the first"
    )
    tried: list[CandidateView]
    segments: list[SegmentView] = Field(description="The largest first")

    @classmethod
    def of(cls, model: SegmentModel) -> "SegmentModelView":
        """A stored version."""
        fitted, figures = model.fitted, model.fitted.figures
        return cls(
            version=model.version,
            made_at=model.made_at,
            as_of=fitted.as_of,
            customers=figures.customers,
            fitted_on=figures.fitted_on,
            silhouette=figures.silhouette,
            stability=figures.stability,
            kept=figures.kept,
            renamed=figures.renamed,
            tried=[CandidateView.model_validate(one) for one in figures.tried],
            segments=[SegmentView.of(segment, fitted) for segment in fitted.segments],
        )


@router.get("", summary="List segments")
async def list_segment_models(request: Request, _: Reader, paging: ByVersion) -> Page[SegmentModelView]:
    """Every version, the latest first: its segments with their names and typical customers, and how stable they are.

    The latest one names customers' segments. A segment only names: neither points nor tiers know of it.
    """
    async with read(request) as connection:
        models = await store.page(connection, before=paging.key, limit=paging.limit + 1)
    return paging.page(models, item=SegmentModelView.of, key=lambda model: (model.version,))
