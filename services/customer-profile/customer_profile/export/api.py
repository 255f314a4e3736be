"""`/exports`: ask for customers in bulk, decide on what others asked for, and take what was approved."""

from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from customer_profile.customer.api import on_all_customers
from customer_profile.customer.api.routes import locks_of
from customer_profile.export import handlers, store
from customer_profile.export.domain import Format, Left, State
from customer_profile.export.handing_out import LONGEST, Exporting, Wanted, counted, pages_of
from customer_profile.export.lines import MEDIA_TYPES, example_of
from customer_profile.export.settings import ExportSettings
from customer_profile.export.views import EXPORT, ExportDecision, ExportFilters, ExportView, NewExport
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Paging, Principal, backend, read, require, write
from rapport.web.backend import read_snapshot
from rapport.web.examples import answers

router = APIRouter(prefix="/exports", tags=["exports"])
Asker = Annotated[Principal, Depends(require("exports:ask"))]
Taker = Annotated[Principal, Depends(require("exports:ask", step_up=True))]
Reader = Annotated[Principal, Depends(require("exports:ask", "exports:read", enough=any))]
Approver = Annotated[Principal, Depends(on_all_customers("exports:approve"))]
ById = Annotated[Paging, Depends(Paging.by(UUID))]
ExportId = Annotated[UUID, Path(description="Names the export")]
_ASKED = EXPORT | {"state": "asked", "decided_by": None, "decided_at": None, "hand_outs": []}


def _settings(request: Request) -> ExportSettings:
    exporting: Exporting = request.app.state.exporting
    return exporting.settings


@router.post(
    "",
    status_code=201,
    response_model=ExportView,
    summary="Ask for customers in bulk",
    responses=answers(201, _ASKED, _409="The caller has an open export; which, and until when, is said"),
)
async def ask_for_export(body: NewExport, request: Request, principal: Asker) -> Response:
    """Nothing is handed out before another person approves it. Of whom the caller sees, those who are all that is
    asked for, as of the moment they are taken, masked as the caller's roles see them: never identity in clear.
    """
    settings = _settings(request)

    async def act(tx: Transaction) -> ExportView:
        asked = await handlers.ask(
            tx,
            purpose=body.purpose,
            reason=body.reason,
            filters=body.filters.said(),
            extent=principal.sight.extent,
            by=principal.key,
            at_once=settings.open_at_once,
            valid=settings.valid,
        )
        return ExportView.of(asked)

    return await write(request, principal, act=act)


@router.get("", summary="List exports", responses=answers(200, {"items": [EXPORT], "next": None}))
async def list_exports(
    request: Request,
    principal: Reader,
    paging: ById,
    state: Annotated[State | None, Query(description="Only those in this state: `asked` is the queue")] = None,
) -> Page[ExportView]:
    """The oldest first, each with who decided and what left, by count and digest. Who does not watch over exports
    (`exports:read`) sees the own ones.
    """
    whose = None if "exports:read" in principal.scopes else principal.key
    async with read(request) as connection:
        found = await store.page(connection, asked_by=whose, state=state, after=paging.key, limit=paging.limit + 1)
        hand_outs = await store.hand_outs_of(connection, [export.export_id for export in found])
    return paging.page(
        found, item=lambda export: ExportView.of(export, hand_outs), key=lambda export: (export.export_id,)
    )


@router.post(
    "/{export_id}/decision",
    status_code=201,
    response_model=ExportView,
    summary="Decide on an export",
    responses=answers(
        201,
        EXPORT | {"state": "approved", "hand_outs": []},
        _403="Who asked for it does not decide on it",
        _404="No such export",
        _409="It is decided, or its time is over",
    ),
)
async def decide_export(export_id: ExportId, body: ExportDecision, request: Request, principal: Approver) -> Response:
    """By another person than who asked. Approved, it may be taken by who asked until `expires_at`, whole only once."""

    async def act(tx: Transaction) -> ExportView:
        decided = await handlers.decide(tx, export_id, body.decision, by=principal.key, valid=_settings(request).valid)
        return ExportView.of(decided)

    return await write(request, principal, act=act)


@router.get(
    "/{export_id}/rows",
    response_class=StreamingResponse,
    summary="Take an approved export",
    responses={
        200: {
            "description": "The customers, by token, a line each",
            "content": {
                MEDIA_TYPES[form].partition(";")[0]: {"schema": {"type": "string"}, "example": example_of(form)}
                for form in MEDIA_TYPES
            },
        },
        401: {"description": "A stronger or more recent authentication is required; which is said"},
        404: {"description": "The caller asked for no such export"},
        409: {"description": "It is not approved, is or was handed out, its time is over, or the role is another"},
    },
)
async def take_export(
    export_id: ExportId,
    request: Request,
    principal: Taker,
    form: Annotated[Format, Query(alias="format", description="CSV opens in Excel; NDJSON is for programs")] = "csv",
) -> StreamingResponse:
    """By who asked for it, after an authentication that is strong and a few minutes old at most (RFC 9470).

    All of one moment, a page at a time, kept nowhere; that it was taken, how many rows and their SHA-256 are noted. An
    answer that breaks off is no file: it may be taken again. A CSV cell that would be a formula begins with `'`.
    """
    places: Semaphore = request.app.state.exporting.places
    if places.locked():
        raise HTTPException(503, "Others are taking exports; try again", headers={"Retry-After": "60"})
    transactions, sight = backend(request).transactions, principal.sight
    async with transactions.begin(sight=sight) as tx:
        export, begun = await handlers.begin(
            tx, export_id, form, extent=sight.extent, by=principal.key, longest=LONGEST
        )
    filters = ExportFilters.model_validate(export.filters).wanted()
    wanted = Wanted(filters, sight, principal.roles, form)

    async def note(left: Left) -> None:
        async with transactions.begin(sight=sight) as tx:
            await handlers.end(tx, begun, left)

    async def pieces() -> AsyncIterator[bytes]:
        pages = pages_of(wanted, partial(read_snapshot, request), locks_of(request).keyring)
        async with places, aclosing(counted(pages, note)) as file:
            async for piece in file:
                yield piece

    name = f'attachment; filename="customers-{export_id}.{form}"'
    return StreamingResponse(pieces(), media_type=MEDIA_TYPES[form], headers={"Content-Disposition": name})
