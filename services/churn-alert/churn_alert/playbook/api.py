"""Playbooks over REST: what is done for whom, and in which version; changed in the bank's own document, not here."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from churn_alert.playbook.documents import PlaybooksDocument
from churn_alert.playbook.domain.playbooks import Shelf
from churn_alert.playbook.views import PlaybooksView, PlaybookView, VersionsView
from rapport.clock import utc_now
from rapport.errors import DomainError
from rapport.events.base import Code
from rapport.web import Principal, require

router = APIRouter(prefix="/playbooks", tags=["playbooks"])
Reader = Annotated[Principal, Depends(require("playbooks:read"))]


class PlaybookNotFound(DomainError):
    """There is no such playbook in the version in force."""


@router.get("", summary="List playbooks")
async def list_playbooks(request: Request, principal: Reader) -> VersionsView:
    """Every version with its author, reason and the day from which it holds. Who has charge of customers is not shown
    who is held out.
    """
    document, now = _written(request, principal)
    return VersionsView(versions=[PlaybooksView.of(one, in_force=one.version == now) for one in document.versions])


@router.get(
    "/{playbook}",
    summary="Show a playbook",
    responses={404: {"description": "No such playbook in the version in force"}},
)
async def show_playbook(
    playbook: Annotated[Code, Path(description="Its code", examples=["care-of-all"])],
    request: Request,
    principal: Reader,
) -> PlaybookView:
    """As the version in force has it: for whom it is, its steps in order, and to who watches over them who is held
    out.
    """
    document, now = _written(request, principal)
    for version in document.versions:
        for one in version.playbooks:
            if version.version == now and one.playbook == playbook:
                return PlaybookView.of(one, version.version)
    raise PlaybookNotFound


def _written(request: Request, principal: Principal) -> tuple[PlaybooksDocument, int | None]:
    document: PlaybooksDocument
    shelf: Shelf
    document, shelf = request.app.state.playbooks
    book = shelf.at(utc_now())
    shown = document.blinded() if principal.sight_of_tokens.has_charge else document
    return shown, book.version if book else None
