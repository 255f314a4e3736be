"""Policies over REST: what decides who gets what is open to whoever may see it, and is changed by two persons."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic_core import to_jsonable_python
from starlette.responses import JSONResponse, Response

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from rapport.web import Principal, read, require
from scoring.policy import handlers
from scoring.policy.documents import PolicyContent
from scoring.policy.store import policies
from scoring.policy.views import WITHHELD, PolicyView, sees_controls, without_controls
from scoring.version import handlers as versions
from scoring.version.api import DRAFTING, UNKNOWN, changed, serve_lists, serve_withdrawal
from scoring.version.domain.life import VersionNotFound
from scoring.version.views import Approve, RollBack, Version, VersionSummary, refusing

router = APIRouter(prefix="/policies", tags=["policies"])
Reader = Annotated[Principal, Depends(require("entitlements:read"))]
Writer = Annotated[Principal, Depends(require("policies:write"))]
Approver = Annotated[Principal, Depends(require("policies:approve"))]
serve_lists(router, policies, reader="entitlements:read")
serve_withdrawal(
    router,
    policies,
    writer="policies:write",
    approver="policies:approve",
    withdraw=partial(versions.withdraw, of=policies),
)


@router.post("", status_code=201, response_model=VersionSummary, summary="Draft a policy", responses=DRAFTING)
async def draft_policy(body: PolicyContent, request: Request, principal: Writer) -> Response:
    """Checked as a whole: every fault is listed with its field. It gets the next free version; nobody gets anything
    by it yet. A deadline of complaints is refused: those run alike for everybody.
    """
    state = request.app.state
    given = {"known": state.policies, "cards": state.rules.cards}
    drafted = partial(handlers.draft, content=body, by=principal.subject, **given)
    return await changed(request, principal, policies, drafted, is_new=True)


@router.post(
    "/rollback",
    status_code=201,
    response_model=VersionSummary,
    summary="Draft once more a policy of before",
    responses=DRAFTING,
)
async def roll_back_policy(body: RollBack, request: Request, principal: Writer) -> Response:
    """A new draft with the content of an older version; it is approved by a second person like any other."""
    state = request.app.state
    given = {"known": state.policies, "cards": state.rules.cards}
    drafted = partial(handlers.roll_back, version=body.version, reason=body.reason, by=principal.subject, **given)
    return await changed(request, principal, policies, drafted, is_new=True)


@router.get("/{version}", response_model=PolicyView, summary="Show one policy version", responses=UNKNOWN)
async def show_policy(version: Version, request: Request, principal: Reader) -> Response:
    """Complete: limits of the classes, rules, who may do what, author, reason, and from when on it is in force. As it
    was stored, also where it breaks a rule that came later. Controls of risk are shown with `risk-controls:read`;
    `withheld` says where they are left out.
    """
    async with read(request) as connection:
        row = await policies.find(connection, version, utc_now())
    if row is None:
        raise VersionNotFound(policies.noun, policies.table.name)
    shown = sees_controls(principal)
    document = row["document"] if shown else without_controls(row["document"])
    kept = {name: row[name] for name in ("version", "status", "effective_from")}
    return JSONResponse(to_jsonable_python(document | kept | {"withheld": [] if shown else WITHHELD}))


@router.post(
    "/{version}/approve",
    status_code=201,
    response_model=VersionSummary,
    summary="Approve a policy",
    responses=UNKNOWN | refusing("It is no draft, or its date speaks against it"),
)
async def approve_policy(version: Version, body: Approve, request: Request, principal: Approver) -> Response:
    """By another person than who drafted it. It holds for everybody from `effective_from` on."""

    async def act(tx: Transaction) -> int:
        said = body.effective_from, body.reason
        await versions.approve(tx, policies, version, *said, by=principal.subject)
        return version

    return await changed(request, principal, policies, act)
