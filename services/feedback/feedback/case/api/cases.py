"""Staff read cases: lists without a word of what was said, one case with all of it, and the clocks in figures."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from feedback.case.api import examples
from feedback.case.api.views import CaseDetail, CaseView
from feedback.case.domain.assessment import Kind, Priority
from feedback.case.domain.lifecycle import CaseNotFound, Status
from feedback.case.domain.summary import ClockFigures, PrioritySummary, summary_in_words
from feedback.case.store import figures, files
from rapport.events.base import Time, Token
from rapport.web import Page, Paging, Principal, read, require

router = APIRouter(prefix="/cases", tags=["cases"])
Reader = Annotated[Principal, Depends(require("cases:read"))]
BySubmission = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
CaseId = Annotated[UUID, Path(description="Names the case: what the receipt of the feedback says")]


class ClockFiguresView(BaseModel):
    """All runs of one clock."""

    runs: int
    stopped: int
    breached: int
    overdue: int = Field(description="Breached and still running")
    median_seconds: float | None = Field(description="From start to stop, of those that were stopped")

    @classmethod
    def of(cls, clock: ClockFigures) -> "ClockFiguresView":
        """Figures as they are shown."""
        median = None if clock.median is None else clock.median.total_seconds()
        return cls(
            runs=clock.runs,
            stopped=clock.stopped,
            breached=clock.breached,
            overdue=clock.overdue,
            median_seconds=median,
        )


class PrioritySummaryView(BaseModel):
    """The cases of one priority and how their clocks ran."""

    model_config = ConfigDict(json_schema_extra={"example": examples.SUMMARY})

    priority: Priority
    cases: int
    unresolved: int
    respond: ClockFiguresView
    resolve: ClockFiguresView
    in_words: str

    @classmethod
    def of(cls, line: PrioritySummary) -> "PrioritySummaryView":
        """A line as it is shown."""
        return cls(
            priority=line.priority,
            cases=line.cases,
            unresolved=line.unresolved,
            respond=ClockFiguresView.of(line.respond),
            resolve=ClockFiguresView.of(line.resolve),
            in_words=summary_in_words(line),
        )


def _filters(
    status: Annotated[
        list[Status] | None,
        Query(max_length=5, description="One or more; without it all but `recorded`, which is owed no answer"),
    ] = None,
    priority: Annotated[Priority | None, Query(description="Only cases of this priority")] = None,
    kind: Annotated[Kind | None, Query(description="Only feedback of this kind")] = None,
    overdue: Annotated[bool | None, Query(description="Has a clock that ran out and still runs")] = None,
    customer_id: Annotated[
        Token | None, Query(description="Only feedback of this customer, on all files that are one with it")
    ] = None,
) -> files.Filters:
    return files.Filters(tuple(status or ()), priority, kind, customer_id, overdue)


@router.get(
    "",
    summary="List cases",
    response_description="A page, the latest submission first",
    responses={200: {"content": {"application/json": {"example": examples.PAGE}}}},
)
async def list_cases(
    request: Request, principal: Reader, filters: Annotated[files.Filters, Depends(_filters)], paging: BySubmission
) -> Page[CaseView]:
    """Cases of the customers the caller sees, each with its clocks, without a word of what was said. Filters narrow
    together.
    """
    async with read(request) as connection:
        cases = await files.page(connection, filters, sight=principal.sight, after=paging.after, limit=paging.limit + 1)
    return paging.page(cases, item=CaseView.of, key=lambda case: (case.submitted_at, case.case_id))


@router.get(
    "/summary",
    summary="Cases by priority with their clocks",
    response_description="One line a priority that has cases, the most urgent first",
    responses={200: {"content": {"application/json": {"example": [examples.SUMMARY]}}}},
)
async def summarise_cases(
    request: Request,
    principal: Reader,
    since: Annotated[Time | None, Query(description="Only what was submitted from then on")] = None,
) -> list[PrioritySummaryView]:
    """Of the customers that the caller sees: how many cases there are and are unresolved, how many clocks were stopped
    or breached, and the median time.
    """
    async with read(request) as connection:
        return [
            PrioritySummaryView.of(line)
            for line in await figures.summary(connection, sight=principal.sight, since=since)
        ]


@router.get(
    "/{case_id}",
    summary="Read one case",
    response_description="The case with its clocks, its history and what was written",
    responses={404: {"description": "No such case"}},
)
async def show_case(case_id: CaseId, request: Request, principal: Reader) -> CaseDetail:
    """The only operation that shows what the customer said and what was answered, decrypted for this answer alone."""
    async with read(request) as connection:
        found = await files.find(connection, case_id, sight=principal.sight)
        if found is None:
            raise CaseNotFound
        customer_id = found.case.customer_id
        keys = await request.app.state.keyring.find(connection, [customer_id])
    return CaseDetail.opened(found, keys.get(customer_id))
