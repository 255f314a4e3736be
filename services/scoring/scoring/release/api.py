"""The life of a scorecard version over REST: drafted, dry-run, approved by a second person, withdrawn, gone back on."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from rapport.messaging.transaction import Transaction
from rapport.web import Principal, read, require, write
from scoring.release import store
from scoring.release.domain import DryRunNotFound
from scoring.release.handlers import acts
from scoring.release.views import ApproveScorecard, DryRunView
from scoring.scorecard.api import Reader
from scoring.scorecard.documents import ScorecardContent
from scoring.scorecard.domain import Scorecards
from scoring.scorecard.store import scorecards
from scoring.version.api import DRAFTING, UNKNOWN, changed, serve_withdrawal
from scoring.version.domain.life import VersionNotFound
from scoring.version.views import RollBack, Version, VersionSummary, refusing

router = APIRouter(prefix="/scorecards", tags=["scorecards"])
Writer = Annotated[Principal, Depends(require("scorecards:write"))]
Approver = Annotated[Principal, Depends(require("scorecards:approve"))]
_NO_DRY_RUN: dict[int | str, dict[str, Any]] = {404: {"description": "No such version, or no dry-run of it"}}
serve_withdrawal(router, scorecards, writer="scorecards:write", approver="scorecards:approve", withdraw=acts.withdraw)


@router.post(
    "",
    status_code=201,
    response_model=VersionSummary,
    summary="Draft a scorecard",
    responses=DRAFTING,
)
async def draft_scorecard(body: ScorecardContent, request: Request, principal: Writer) -> Response:
    """Checked as a whole: every fault is listed with its field. It gets the next free version; nothing decides yet."""
    _demand_same_bank(body, request.app.state.rules.cards)
    drafted = partial(acts.draft, content=body, by=principal.subject, files=request.app.state.files)
    return await changed(request, principal, scorecards, drafted, is_new=True)


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
    response_model=VersionSummary,
    summary="Draft once more what decided before",
    responses=DRAFTING,
)
async def roll_back(body: RollBack, request: Request, principal: Writer) -> Response:
    """A new draft with the content of an older version; it is dry-run and approved like any other."""
    files = request.app.state.files
    drafted = partial(acts.roll_back, version=body.version, reason=body.reason, by=principal.subject, files=files)
    return await changed(request, principal, scorecards, drafted, is_new=True)


@router.post(
    "/{version}/dry-run",
    status_code=201,
    response_model=DryRunView,
    summary="Ask what a draft would do",
    responses=UNKNOWN | refusing("The version is not a draft"),
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
            raise VersionNotFound(scorecards.noun, scorecards.table.name)
    if run is None:
        raise DryRunNotFound("Nobody has asked for a dry-run of this version: a POST here asks for one")
    return DryRunView.of(run)


@router.post(
    "/{version}/approve",
    status_code=201,
    response_model=VersionSummary,
    summary="Approve a draft",
    responses=UNKNOWN
    | refusing("It is no draft, or something speaks against it: dry-run, share moved, date; each is listed"),
)
async def approve_scorecard(
    version: Version, body: ApproveScorecard, request: Request, principal: Approver
) -> Response:
    """By another person than its author. From `effective_from` on it decides, and everybody once at that moment."""
    limit: float = request.app.state.largest_share_moved

    async def act(tx: Transaction) -> int:
        await acts.approve(
            tx,
            version,
            body.effective_from,
            body.reason,
            by=principal.subject,
            limit=limit,
            forced=body.forced,
        )
        return version

    return await changed(request, principal, scorecards, act)
