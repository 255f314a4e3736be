"""Policies over REST: what decides who gets what is open to whoever may see it, and is changed by two persons."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Principal, read, require, write
from scoring.policy import handlers
from scoring.policy.documents import PolicyContent
from scoring.policy.store import policies
from scoring.policy.views import WITHHELD, PolicySummary, PolicyView, sees_controls, without_controls
from scoring.version import handlers as versions
from scoring.version.domain.life import VersionNotFound
from scoring.version.views import ActView, Approve, ByAct, ByVersion, RollBack, Version, Withdraw, refusing

router = APIRouter(prefix="/policies", tags=["policies"])
Reader = Annotated[Principal, Depends(require("entitlements:read"))]
Writer = Annotated[Principal, Depends(require("policies:write"))]
Approver = Annotated[Principal, Depends(require("policies:approve"))]
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "No such policy version"}}
_DRAFTING = refusing("Somebody drafts another one at this moment")


@router.get("", summary="List policy versions")
async def list_policies(request: Request, _: Reader, paging: ByVersion) -> Page[PolicySummary]:
    """Every version there is, the latest first: drafts, what is in force now or later, and what was."""
    async with read(request) as connection:
        rows = await policies.page(connection, utc_now(), before=paging.key, limit=paging.limit + 1)
    return paging.page(rows, item=PolicySummary.of, key=lambda row: (row["version"],))


@router.post("", status_code=201, response_model=PolicySummary, summary="Draft a policy", responses=_DRAFTING)
async def draft_policy(body: PolicyContent, request: Request, principal: Writer) -> Response:
    """Checked as a whole: every fault is listed with its field. It gets the next free version; nobody gets anything
    by it yet. A deadline of complaints is refused: those run alike for everybody.
    """
    state = request.app.state
    given = {"known": state.policies, "cards": state.rules.cards}
    return await _drafted(request, principal, lambda tx: handlers.draft(tx, body, by=principal.subject, **given))


@router.post(
    "/rollback",
    status_code=201,
    response_model=PolicySummary,
    summary="Draft once more a policy of before",
    responses=_DRAFTING,
)
async def roll_back_policy(body: RollBack, request: Request, principal: Writer) -> Response:
    """A new draft with the content of an older version; it is approved by a second person like any other."""
    state = request.app.state
    given = {"known": state.policies, "cards": state.rules.cards}
    return await _drafted(
        request,
        principal,
        lambda tx: handlers.roll_back(tx, body.version, body.reason, by=principal.subject, **given),
    )


@router.get("/{version}", response_model=PolicyView, summary="Show one policy version", responses=_UNKNOWN)
async def show_policy(version: Version, request: Request, principal: Reader) -> Response:
    """Complete: limits of the classes, rules, who may do what, author, reason, and from when on it is in force. As it
    was stored, also where it breaks a rule that came later. Controls of risk are shown with `risk-controls:read`;
    `withheld` says where they are left out.
    """
    async with read(request) as connection:
        row = await policies.find(connection, version, utc_now())
    if row is None:
        raise VersionNotFound("There is no policy of this version")
    kept = PolicySummary.of(row).model_dump(mode="json", include={"version", "status", "effective_from"})
    shown = sees_controls(principal)
    document = row["document"] if shown else without_controls(row["document"])
    return JSONResponse(document | kept | {"withheld": [] if shown else WITHHELD})


@router.post(
    "/{version}/approve",
    status_code=201,
    response_model=PolicySummary,
    summary="Approve a policy",
    responses=_UNKNOWN | refusing("It is no draft, or its date speaks against it"),
)
async def approve_policy(version: Version, body: Approve, request: Request, principal: Approver) -> Response:
    """By another person than who drafted it. It holds for everybody from `effective_from` on."""

    async def act(tx: Transaction) -> int:
        said = body.effective_from, body.reason
        await versions.approve(tx, policies, version, *said, by=principal.subject)
        return version

    return await _done(request, principal, act)


@router.post(
    "/{version}/withdraw",
    status_code=201,
    response_model=PolicySummary,
    summary="Withdraw a policy",
    responses=_UNKNOWN | refusing("It is in force or about to be, or was withdrawn already"),
)
async def withdraw_policy(version: Version, body: Withdraw, request: Request, principal: Writer) -> Response:
    """A draft, or, by who may also approve, what was approved and is not in force yet: it never will be."""

    async def act(tx: Transaction) -> int:
        may_approve = "policies:approve" in principal.scopes
        await versions.withdraw(tx, policies, version, body.reason, by=principal.subject, may_approve=may_approve)
        return version

    return await _done(request, principal, act)


async def _drafted(request: Request, principal: Principal, act: Callable[[Transaction], Awaitable[int]]) -> Response:
    return await _done(request, principal, act, location=lambda made: f"/policies/{made.version}")


async def _done(
    request: Request,
    principal: Principal,
    act: Callable[[Transaction], Awaitable[int]],
    location: Callable[[PolicySummary], str] | None = None,
) -> Response:
    async def done(tx: Transaction) -> PolicySummary:
        row = await policies.find(tx.connection, await act(tx), utc_now())
        assert row is not None, "it was changed in this transaction"
        return PolicySummary.of(row)

    return await write(request, principal, act=done, location=location)


@router.get("/{version}/acts", summary="List who did what to a policy", responses=_UNKNOWN)
async def list_policy_acts(version: Version, request: Request, _: Reader, paging: ByAct) -> Page[ActView]:
    """Drafted, approved, withdrawn: by whom, when and why, the latest first. Nothing of it is ever altered."""
    async with read(request) as connection:
        rows = await policies.page_of_acts(connection, version, before=paging.key, limit=paging.limit + 1)
        if not rows and await policies.release_of(connection, version) is None:
            raise VersionNotFound("There is no policy of this version")
    return paging.page(rows, item=ActView.of, key=lambda row: (row["act_id"],))
