"""Champion and challenger over REST: a draft is made the challenger, watched, and stopped."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from rapport.messaging.transaction import Transaction
from rapport.web import Page, Paging, Principal, read, require, write
from scoring.challenger.domain.contest import Challenger, ChallengerEnded, ChallengerNotFound, NothingCompared
from scoring.challenger.handlers import acts
from scoring.challenger.store import challengers, shadows
from scoring.challenger.views import ShadowReason, ShadowView, SwapView
from scoring.scorecard.handlers import fault_of
from scoring.scorecard.store import scorecards
from scoring.version.views import Version, refusing

router = APIRouter(prefix="/scorecards/{version}/shadow", tags=["scorecards"])
Reader = Annotated[Principal, Depends(require("reports:read"))]
Writer = Annotated[Principal, Depends(require("scorecards:write"))]
ByCustomer = Annotated[Paging, Depends(Paging.by(str))]
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "No such version, or it never was the challenger"}}


@router.post(
    "",
    status_code=201,
    response_model=ShadowView,
    summary="Make a draft the challenger",
    responses=_UNKNOWN | refusing("It is no draft, was the challenger before, or there is a challenger"),
)
async def enter_challenger(version: Version, body: ShadowReason, request: Request, principal: Writer) -> Response:
    """From half a minute on it decides in shadow at every event and by silence. Nobody's tier follows from it.

    One challenger at a time. Who enters it cannot approve it.
    """

    async def act(tx: Transaction) -> ShadowView:
        return ShadowView.of(await acts.enter(tx, version, body.reason, by=principal.subject))

    return await write(request, principal, act=act)


@router.post(
    "/stop",
    status_code=201,
    response_model=ShadowView,
    summary="Stop the challenger",
    responses=_UNKNOWN | refusing("It is the challenger no longer"),
)
async def stop_challenger(version: Version, body: ShadowReason, request: Request, principal: Writer) -> Response:
    """It stays a draft. What was counted last is kept, the shadows of customers are deleted."""

    async def act(tx: Transaction) -> ShadowView:
        return ShadowView.of(await acts.stop(tx, version, body.reason, by=principal.subject))

    return await write(request, principal, act=act)


@router.get("", summary="Show how the challenger fares", responses=_UNKNOWN)
async def show_shadow(version: Version, request: Request, _: Reader) -> ShadowView:
    """Agreement, swap set, migration and points beside the version in force; of one that ended as counted last."""
    async with read(request) as connection:
        found = _there(await challengers.find(connection, version))
        fault = fault_of(await scorecards.document(connection, version), version)
    return ShadowView.of(found, fault=fault)


@router.get(
    "/swap-set",
    summary="List who would change places at the top",
    responses=_UNKNOWN | {409: {"description": "It ended, so its customers are not kept; or nothing is counted yet"}},
)
async def list_swap_set(
    version: Version,
    request: Request,
    principal: Reader,
    paging: ByCustomer,
    direction: Annotated[
        Literal["in", "out"], Query(description="in: would be in the top tier and are not; out: the other way round")
    ] = "in",
) -> Page[SwapView]:
    """As of now, in order of customer id. People's overrides are left out of both courses."""
    async with read(request) as connection:
        challenger = _there(await challengers.find(connection, version))
        if challenger.ended_at is not None:
            raise ChallengerEnded("The version is the challenger no longer: its customers are not kept")
        said = challenger.comparison
        if said is None:
            raise NothingCompared("The book is compared once a minute: ask again")
        rows = await shadows.page_of_swaps(
            connection,
            version,
            (said.old_top, said.top),
            is_in=direction == "in",
            sight=principal.sight_of_tokens,
            after=paging.key,
            limit=paging.limit + 1,
        )
    return paging.page(rows, item=SwapView.model_validate, key=lambda row: (row["customer_id"],))


def _there(found: Challenger | None) -> Challenger:
    if found is None:
        raise ChallengerNotFound
    return found
