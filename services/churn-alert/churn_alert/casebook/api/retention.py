"""Who stayed, month by month, over REST: figures, a table for a spreadsheet, and a page."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import HTMLResponse

from churn_alert.casebook.domain.retention import DIVISIONS, Division, Month
from churn_alert.casebook.handlers import Trying
from churn_alert.casebook.page import retention_page
from churn_alert.casebook.retention_views import RETENTION, RetentionView, as_csv
from churn_alert.casebook.store.retention_reading import Asked, rows, warned
from rapport.web import Principal, read, require
from rapport.web.pages import html_page

router = APIRouter(prefix="/retention", tags=["retention"])
OfBook = Annotated[Principal, Depends(require("reports:read"))]
_MONTH = r"^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$"
From = Annotated[str, Query(alias="from", pattern=_MONTH, description="The first month", examples=["2025-01"])]
To = Annotated[str, Query(pattern=_MONTH, description="The last month", examples=["2025-12"])]
_FIRST, _LAST = "1970-01", "2999-12"
_Responses = dict[int | str, dict[str, Any]]
_TABLE: _Responses = {
    200: {
        "description": "By month and group",
        "content": {
            "application/json": {"example": RETENTION},
            "text/csv": {"schema": {"type": "string"}, "example": "month,group,began,kept,lost\r\n2025-09,,9,8,1\r\n"},
        },
    }
}
_PAGE: _Responses = {
    200: {
        "content": {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html><html lang='en'>…</html>"}}
    }
}


@router.get("", summary="Show who stayed", response_model=RetentionView, responses=_TABLE)
async def show_retention(
    request: Request,
    _: OfBook,
    by: Annotated[Division, Query(description="What the customers of a month are divided by")] = "all",
    first: From = _FIRST,
    to: To = _LAST,
    *,
    revisions: Annotated[bool, Query(description="Also what was counted before something became known late")] = False,
    format: Annotated[Literal["json", "csv"], Query(description="`csv`: for a spreadsheet")] = "json",  # noqa: A002
) -> Response | RetentionView:
    """Of every month that is over: how many were customers as it began, how many of them were lost, who was won back
    and who joined, with the alerts that were opened in it.

    A month is counted once. What becomes known of it later is a higher revision, told of all and by stage alone: tier,
    segment and channel are those that were known as the month was counted, and nobody keeps which they had been.
    """
    found = await _found(request, Asked(by, _first(first), _first(to), revisions))
    if format == "csv":
        name = f'attachment; filename="retention-by-{by}.csv"'
        return Response(as_csv(found.months), media_type="text/csv", headers={"Content-Disposition": name})
    return found


@router.get("/page", summary="Show who stayed as a page", response_class=HTMLResponse, responses=_PAGE)
async def show_page(request: Request, _: OfBook, first: From = _FIRST, to: To = _LAST) -> HTMLResponse:
    """The same with pictures, divided in every way: for people to read."""
    found = [await _found(request, Asked(by, _first(first), _first(to))) for by in DIVISIONS]
    return html_page(retention_page(found))


async def _found(request: Request, asked: Asked) -> RetentionView:
    trying: Trying = request.app.state.trying
    zone = trying.measure.zone
    async with read(request) as connection:
        counted = await rows(connection, asked)
        months = [row.month for row in counted]
        if not months:
            return RetentionView.of(asked.division, [], {})
        begins, ends = Month(min(months)).begins(zone), Month(max(months)).ends(zone)
        told = await warned(connection, asked, begins=begins, ends=ends, zone=str(zone))
    return RetentionView.of(asked.division, counted, told)


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
