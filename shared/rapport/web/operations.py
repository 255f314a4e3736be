"""What an operator asks of any service: does the accounting balance, what died and why, handle it once more.

A dead letter shows its coordinates and reason; its content never leaves the database by this way.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from rapport.errors import DomainError
from rapport.messaging import dead_letters, offsets
from rapport.messaging.transaction import Transaction
from rapport.web.authentication import require
from rapport.web.backend import read
from rapport.web.pagination import Page, Paging
from rapport.web.principal import Principal
from rapport.web.problems import Problems
from rapport.web.writes import write

router = APIRouter(tags=["operations"])
Reader = Annotated[Principal, Depends(require("operations:read"))]
ReaderOfDead = Annotated[Principal, Depends(require("operations:read", "dead-letters:read", enough=any))]
Writer = Annotated[Principal, Depends(require("operations:write"))]
ById = Annotated[Paging, Depends(Paging.by(UUID))]


class DeadLetterNotFound(DomainError):
    """There is no such dead letter: it was handled meanwhile, or never was."""


PROBLEMS: Problems = {DeadLetterNotFound: (404, "No such dead letter")}


class PartitionAccount(BaseModel):
    """What became of every record of one partition: `received` is the sum of the five that follow it."""

    model_config = ConfigDict(from_attributes=True)

    topic: str
    partition: int
    next_offset: int
    lag: int
    received: int
    applied: int
    duplicate: int
    skipped: int
    dead_lettered: int
    parked: int
    balances: bool


class Accounting(BaseModel):
    """All partitions, at one moment."""

    balances: bool
    partitions: list[PartitionAccount]


class DeadLetterView(BaseModel):
    """Where a record lay and why it cannot have its effect."""

    model_config = ConfigDict(from_attributes=True)

    dead_letter_id: UUID
    topic: str
    partition: int
    offset: int
    reason: str
    handler: str
    died_at: datetime
    replay_requested_at: datetime | None


class ReplayRequested(BaseModel):
    """The worker will handle the record once more; if that fails again it is a dead letter again."""

    dead_letter_id: UUID


@router.get("/accounting", summary="Received = applied + duplicate + skipped + dead-lettered + parked")
async def show_accounting(request: Request, _: Reader) -> Accounting:
    """Per topic and partition, from one snapshot of the database."""
    async with read(request) as connection:
        rows = await offsets.accounting(connection)
    accounts = [PartitionAccount.model_validate(dict(row)) for row in rows]
    return Accounting(balances=all(account.balances for account in accounts), partitions=accounts)


@router.get("/dead-letters", summary="Records that cannot have their effect")
async def list_dead_letters(request: Request, _: ReaderOfDead, paging: ById) -> Page[DeadLetterView]:
    """In order of their id, which begins with the record's time."""
    async with read(request) as connection:
        rows = await dead_letters.listing(connection, after=paging.key or UUID(int=0), limit=paging.limit + 1)
    return paging.page(
        rows, item=lambda row: DeadLetterView.model_validate(dict(row)), key=lambda row: (row["dead_letter_id"],)
    )


@router.post(
    "/dead-letters/{dead_letter_id}/replay",
    status_code=202,
    response_model=ReplayRequested,
    summary="Handle a dead letter once more",
    responses={404: {"description": "No such dead letter"}},
)
async def replay_dead_letter(dead_letter_id: UUID, request: Request, principal: Writer) -> Response:
    """The worker does it; the dead letter disappears once it had its effect."""

    async def act(tx: Transaction) -> ReplayRequested:
        if not await dead_letters.request_replay(tx.connection, dead_letter_id):
            raise DeadLetterNotFound
        return ReplayRequested(dead_letter_id=dead_letter_id)

    return await write(request, principal, act=act, status=202)
