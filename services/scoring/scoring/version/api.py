"""What is alike over REST for every kind of document in versions: its lists, its withdrawal, the answer to a change."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Principal, read, require, write
from scoring.version.domain.life import VersionNotFound
from scoring.version.store import Versions
from scoring.version.views import ActView, ByAct, ByVersion, Version, VersionSummary, Withdraw, refusing

UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "No such version"}}
DRAFTING = refusing("Somebody drafts another one at this moment")


def serve_lists(router: APIRouter, versions: Versions, *, reader: str) -> None:
    """Its versions, and what was done to each, for whoever has the scope `reader`."""
    may_read = Depends(require(reader))

    @router.get("", summary=f"List {versions.noun} versions")
    async def list_versions(
        request: Request, _: Annotated[Principal, may_read], paging: ByVersion
    ) -> Page[VersionSummary]:
        """Every version there is, the latest first: drafts, what is in force now or later, and what was."""
        async with read(request) as connection:
            rows = await versions.page(connection, utc_now(), before=paging.key, limit=paging.limit + 1)
        return paging.page(rows, item=VersionSummary.of, key=lambda row: (row["version"],))

    @router.get("/{version}/acts", summary=f"List who did what to a {versions.noun}", responses=UNKNOWN)
    async def list_acts(
        version: Version, request: Request, _: Annotated[Principal, may_read], paging: ByAct
    ) -> Page[ActView]:
        """Drafted, approved, withdrawn: by whom, when and why, the latest first. Nothing of it is ever altered."""
        async with read(request) as connection:
            rows = await versions.page_of_acts(connection, version, before=paging.key, limit=paging.limit + 1)
            if not rows and await versions.release_of(connection, version) is None:
                raise VersionNotFound(versions.noun, versions.table.name)
        return paging.page(rows, item=ActView.of, key=lambda row: (row["act_id"],))


def serve_withdrawal(
    router: APIRouter, versions: Versions, *, writer: str, approver: str, withdraw: Callable[..., Awaitable[Any]]
) -> None:
    """`withdraw(tx, version, reason, by=, may_approve=)`, for whoever has one of the two scopes."""

    @router.post(
        "/{version}/withdraw",
        status_code=201,
        response_model=VersionSummary,
        summary=f"Withdraw a {versions.noun}",
        responses=UNKNOWN | refusing("It is in force or about to be, or was withdrawn already"),
    )
    async def withdraw_version(
        version: Version,
        body: Withdraw,
        request: Request,
        principal: Annotated[Principal, Depends(require(writer, approver, enough=any))],
    ) -> Response:
        """A draft, by who may draft or approve; what was approved and is not in force yet, by who may approve."""

        async def act(tx: Transaction) -> int:
            may_approve = approver in principal.scopes
            await withdraw(tx, version, body.reason, by=principal.subject, may_approve=may_approve)
            return version

        return await changed(request, principal, versions, act)


async def changed(
    request: Request,
    principal: Principal,
    versions: Versions,
    act: Callable[[Transaction], Awaitable[int]],
    *,
    is_new: bool = False,
) -> Response:
    """Do something to a version, which `act` returns, and answer with its head; of a new one also where it is."""

    async def done(tx: Transaction) -> VersionSummary:
        return VersionSummary.of(await versions.head(tx.connection, await act(tx), utc_now()))

    def location(made: VersionSummary) -> str:
        return f"/{versions.table.name}/{made.version}"

    return await write(request, principal, act=done, location=location if is_new else None)
