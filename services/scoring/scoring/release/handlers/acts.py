"""What people do to a scorecard version, and what follows for who is due after its date."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from scoring.release import store
from scoring.release.domain import BRINGING_FORWARD_AFTER, DryRun, faults_of_effect
from scoring.scorecard.documents import ScorecardContent, ScorecardDocument
from scoring.scorecard.handlers import seed
from scoring.scorecard.store import scorecards
from scoring.standing.store import book
from scoring.version import handlers as versions
from scoring.version.domain.life import ApproverIsAuthor, in_force


async def draft(
    tx: Transaction,
    content: ScorecardContent,
    *,
    by: str,
    files: Sequence[ScorecardDocument],
    details: Mapping[str, Any] | None = None,
) -> int:
    """Store a draft; returns its version. `files`: what the bank began with, so that these come first."""
    await scorecards.lock(tx.connection)
    await seed(tx.connection, files)
    return await versions.draft(tx, scorecards, content.model_dump(mode="json"), by=by, details=details)


async def roll_back(tx: Transaction, version: int, reason: str, *, by: str, files: Sequence[ScorecardDocument]) -> int:
    """Draft once more what decided before. Raises NeverInForce."""
    document = await versions.former(tx, scorecards, version)
    content = ScorecardContent.stored(document).model_copy(update={"reason": reason})
    return await draft(tx, content, by=by, files=files, details={"content_of": version})


async def request_dry_run(tx: Transaction, version: int, *, by: str) -> DryRun:
    """Have the whole book scored with a draft, from the beginning. Raises VersionNotFound and NotADraft."""
    (await versions.found(tx, scorecards, version)).demand_draft()
    now = utc_now()
    present = in_force(await scorecards.dates(tx.connection), now)
    run = DryRun(version, present, now, await book.count(tx.connection))
    await store.save_dry_run(tx.connection, run)
    await scorecards.keep_act(tx.connection, version, "dry-run", by=by, at=now)
    return run


async def approve(
    tx: Transaction, version: int, effective_from: datetime, reason: str, *, by: str, limit: float, forced: bool
) -> None:
    """Have a draft decide from a moment on; `limit`: the share of the book that may be moved without force.

    Raises VersionNotFound, NotADraft, ApproverIsAuthor and ApprovalRefused, which lists every reason.
    """
    await scorecards.lock(tx.connection)
    if by in await scorecards.doers(tx.connection, version, "challenger-entered"):
        raise ApproverIsAuthor("Who made a version the challenger cannot approve it: ask a second person")
    now = utc_now()
    run = await store.dry_run_of(tx.connection, version)
    present = in_force(await scorecards.dates(tx.connection), now)
    against = faults_of_effect(run, in_force=present, limit=limit, forced=forced)
    details = {"forced": forced} | ({} if run is None else {"share_moved": run.share_moved})
    await versions.approve(tx, scorecards, version, effective_from, reason, by=by, against=against, details=details)
    await scorecards.change(tx.connection, version, **_rescheduling(now))


async def withdraw(tx: Transaction, version: int, reason: str, *, by: str, may_approve: bool) -> None:
    """Let a version never decide. Raises VersionNotFound, NotADraft, VersionInForce and WithdrawalNeedsApprover."""
    withdrawn = await versions.withdraw(tx, version, reason, of=scorecards, by=by, may_approve=may_approve)
    if withdrawn.effective_from is not None:
        await scorecards.change(tx.connection, version, **_rescheduling(utc_now()))


def _rescheduling(now: datetime) -> dict[str, Any]:
    return {"reschedule_from": now + BRINGING_FORWARD_AFTER, "rescheduled_up_to": ""}
