"""What is asked of a scorecard version, and what is answered."""

from datetime import datetime

from pydantic import BaseModel, Field

from rapport.web import Problems
from scoring.release.domain import DryRun, DryRunNotFound
from scoring.version.views import Approve

PROBLEMS: Problems = {DryRunNotFound: (404, "No dry-run")}


class ApproveScorecard(Approve):
    """From when on a scorecard version decides, why, and whether whatever moves."""

    forced: bool = Field(default=False, description="Approve though more of the book moves than may be")


class Move(BaseModel):
    """So many customers would come from one tier to another, or stay."""

    old_tier: str = Field(description="Where the version in force would have them stay", examples=["middle"])
    tier: str = Field(description="Where the draft would", examples=["high"])
    customers: int = Field(examples=[17])


class PointsView(BaseModel):
    """So many customers have `start` points or up to 9 more."""

    start: int = Field(examples=[160])
    present: int = Field(description="By the version in force", examples=[41])
    draft: int = Field(description="By the draft", examples=[58])


class DryRunView(BaseModel):
    """What a draft would do to the whole book; while it is not finished, to the customers done so far."""

    version: int = Field(examples=[2])
    against: int = Field(description="The version in force", examples=[1])
    requested_at: datetime = Field(examples=["2026-06-20T08:00:00Z"])
    finished_at: datetime | None = Field(description="Null while it goes on", examples=["2026-06-20T08:00:09Z"])
    customers_total: int = Field(examples=[120_000])
    customers_done: int = Field(examples=[120_000])
    customers_moved: int = Field(examples=[5_104])
    share_moved: float = Field(description="Of the customers done", examples=[0.0425])
    moves: list[Move]
    points: list[PointsView]

    @classmethod
    def of(cls, run: DryRun) -> "DryRunView":
        """A dry-run as far as it is."""
        starts = sorted({int(start) for counts in run.points.values() for start in counts})
        counted = [{name: counts.get(str(start), 0) for name, counts in run.points.items()} for start in starts]
        return cls(
            version=run.version,
            against=run.against,
            requested_at=run.requested_at,
            finished_at=run.finished_at,
            customers_total=run.customers_total,
            customers_done=run.customers_done,
            customers_moved=run.moved,
            share_moved=run.share_moved,
            moves=[
                Move(old_tier=old, tier=new, customers=customers)
                for old, row in sorted(run.matrix.items())
                for new, customers in sorted(row.items())
            ],
            points=[PointsView(start=start, **by) for start, by in zip(starts, counted, strict=True)],
        )
