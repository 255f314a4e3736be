"""The life of a scorecard version over REST: drafted, dry-run, approved by a second person, withdrawn, gone back on."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Principal, read, require, write
from scoring.release import store
from scoring.release.domain import DryRunNotFound
from scoring.release.handlers import acts
from scoring.release.views import ApproveScorecard, DryRunView
from scoring.scorecard.api import Reader, ScorecardSummary
from scoring.scorecard.documents import ScorecardContent
from scoring.scorecard.domain import Scorecards
from scoring.scorecard.store import scorecards
from scoring.version.domain.life import VersionNotFound
from scoring.version.views import ActView, ByAct, RollBack, Version, Withdraw, refusing

router = APIRouter(prefix="/scorecards", tags=["scorecards"])
Writer = Annotated[Principal, Depends(require("scorecards:write"))]
Approver = Annotated[Principal, Depends(require("scorecards:approve"))]
_NO_DRY_RUN: dict[int | str, dict[str, Any]] = {404: {"description": "No such version, or no dry-run of it"}}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "No such scorecard version"}}


@router.post(
    "",
    status_code=201,
    response_model=ScorecardSummary,
    summary="Draft a scorecard",
    responses=refusing("Somebody drafts another one at this moment"),
)
async def draft_scorecard(body: ScorecardContent, request: Request, principal: Writer) -> Response:
    """Checked as a whole: every fault is listed with its field. It gets the next free version; nothing decides yet."""
    _demand_same_bank(body, request.app.state.rules.cards)
    files = request.app.state.files
    return await _drafted(request, principal, lambda tx: acts.draft(tx, body, by=principal.subject, files=files))


def _demand_same_bank(content: ScorecardContent, cards: Scorecards) -> None:
    known = cards.cards[-1]
    wanted = {"name": known.name, "currency": known.currency}
    faults = [
        {"type": "value_error", "loc": ("body", name), "msg": f"must be that of the bank's scorecards, {value}"}
        for name, value in wanted.items()
        if getattr(content, name) != value
    ]
    if faults:
        raise RequestValidationError(faults)


@router.post(
    "/rollback",
    status_code=201,
    response_model=ScorecardSummary,
    summary="Draft once more what decided before",
    responses=refusing("Somebody drafts another one at this moment"),
)
async def roll_back(body: RollBack, request: Request, principal: Writer) -> Response:
    """A new draft with the content of an older version; it is dry-run and approved like any other."""
    files = request.app.state.files
    return await _drafted(
        request,
        principal,
        lambda tx: acts.roll_back(tx, body.version, body.reason, by=principal.subject, files=files),
    )


async def _drafted(request: Request, principal: Principal, act: Callable[[Transaction], Awaitable[int]]) -> Response:
    async def drafted(tx: Transaction) -> ScorecardSummary:
        return await _summary(tx, await act(tx))

    return await write(request, principal, act=drafted, location=lambda made: f"/scorecards/{made.version}")


async def _summary(tx: Transaction, version: int) -> ScorecardSummary:
    row = await scorecards.find(tx.connection, version, utc_now())
    if row is None:
        raise VersionNotFound("There is no scorecard of this version")
    return ScorecardSummary.of(row)


@router.post(
    "/{version}/dry-run",
    status_code=201,
    response_model=DryRunView,
    summary="Ask what a draft would do",
    responses=_UNKNOWN | refusing("The version is not a draft"),
)
async def request_dry_run(version: Version, request: Request, principal: Writer) -> Response:
    """The worker scores the whole book with it, apart from the standings and without any effect; asked again, anew."""

    async def act(tx: Transaction) -> DryRunView:
        return DryRunView.of(await acts.request_dry_run(tx, version, by=principal.subject))

    return await write(request, principal, act=act)


@router.get("/{version}/dry-run", summary="Show what a draft would do", responses=_NO_DRY_RUN)
async def show_dry_run(version: Version, request: Request, _: Reader) -> DryRunView:
    """Who would move from which tier to which, and how the points lie; while it goes on, as far as it is."""
    async with read(request) as connection:
        run = await store.dry_run_of(connection, version)
        if run is None and await scorecards.release_of(connection, version) is None:
            raise VersionNotFound("There is no scorecard of this version")
    if run is None:
        raise DryRunNotFound("Nobody has asked for a dry-run of this version")
    return DryRunView.of(run)


@router.post(
    "/{version}/approve",
    status_code=201,
    response_model=ScorecardSummary,
    summary="Approve a draft",
    responses=_UNKNOWN
    | refusing("It is no draft, or something speaks against it: dry-run, share moved, date; each is listed"),
)
async def approve_scorecard(
    version: Version, body: ApproveScorecard, request: Request, principal: Approver
) -> Response:
    """By another person than its author. From `effective_from` on it decides, and everybody once at that moment."""
    limit: float = request.app.state.largest_share_moved

    async def act(tx: Transaction) -> ScorecardSummary:
        await acts.approve(
            tx,
            version,
            body.effective_from,
            body.reason,
            by=principal.subject,
            limit=limit,
            forced=body.forced,
        )
        return await _summary(tx, version)

    return await write(request, principal, act=act)


@router.post(
    "/{version}/withdraw",
    status_code=201,
    response_model=ScorecardSummary,
    summary="Withdraw a version",
    responses=_UNKNOWN | refusing("It is in force or about to be, or was withdrawn already"),
)
async def withdraw_scorecard(version: Version, body: Withdraw, request: Request, principal: Writer) -> Response:
    """A draft, or, by who may also approve, what was approved and is not in force yet: it never decides."""

    async def act(tx: Transaction) -> ScorecardSummary:
        may_approve = "scorecards:approve" in principal.scopes
        await acts.withdraw(tx, version, body.reason, by=principal.subject, may_approve=may_approve)
        return await _summary(tx, version)

    return await write(request, principal, act=act)


@router.get("/{version}/acts", summary="List who did what to a version", responses=_UNKNOWN)
async def list_acts(version: Version, request: Request, _: Reader, paging: ByAct) -> Page[ActView]:
    """Drafted, dry-run, approved, withdrawn: by whom, when and why, the latest first. Nothing of it is ever altered."""
    async with read(request) as connection:
        rows = await scorecards.page_of_acts(connection, version, before=paging.key, limit=paging.limit + 1)
        if not rows and await scorecards.release_of(connection, version) is None:
            raise VersionNotFound("There is no scorecard of this version")
    return paging.page(rows, item=ActView.of, key=lambda row: (row["act_id"],))
