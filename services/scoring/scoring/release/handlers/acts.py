"""What people do to a version: each act is checked, has its effect and is kept, one at a time for all versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from scoring.release import store
from scoring.release.domain import (
    BRINGING_FORWARD_AFTER,
    Approval,
    ApprovalRefused,
    DryRun,
    NeverInForce,
    Release,
    demand_second_person,
    demand_withdrawable,
    faults_of_date,
    faults_of_effect,
)
from scoring.scorecard import store as versions
from scoring.scorecard.documents import ScorecardContent, ScorecardDocument
from scoring.scorecard.domain import ScorecardNotFound
from scoring.scorecard.handlers import content_of, seed
from scoring.standing.store import book


async def draft(
    tx: Transaction, content: ScorecardContent, *, by: str, files: Sequence[ScorecardDocument], details: Any = None
) -> int:
    """Store a draft; returns its version. `files`: what the bank began with, so that these come first."""
    await store.lock(tx.connection)
    await seed(tx.connection, files)
    version = await store.add_draft(tx.connection, content.model_dump(mode="json"), by)
    await store.keep_act(tx.connection, version, "drafted", by=by, at=utc_now(), reason=content.reason, details=details)
    return version


async def roll_back(tx: Transaction, version: int, reason: str, *, by: str, files: Sequence[ScorecardDocument]) -> int:
    """Draft once more what decided before. Raises NeverInForce."""
    now = utc_now()
    row = await versions.find(tx.connection, version, now)
    if row is None or row["status"] not in {"approved", "superseded"} or row["effective_from"] > now:
        raise NeverInForce("version: only one that is or was in force can be gone back to")
    content = content_of(row["document"]).model_copy(update={"reason": reason})
    return await draft(tx, content, by=by, files=files, details={"content_of": version})


async def request_dry_run(tx: Transaction, version: int, *, by: str) -> DryRun:
    """Have the whole book scored with a draft, from the beginning. Raises ScorecardNotFound and NotADraft."""
    await store.lock(tx.connection)
    (await _found(tx, version)).demand_draft()
    now = utc_now()
    run = DryRun(version, _in_force(await _dates(tx), now), now, await book.count(tx.connection))
    await store.save_dry_run(tx.connection, run)
    await store.keep_act(tx.connection, version, "dry-run", by=by, at=now)
    return run


async def approve(tx: Transaction, version: int, said: Approval, *, by: str, limit: float) -> None:
    """Have a draft decide from a moment on; `limit`: the share of the book that may be moved without force.

    Raises ScorecardNotFound, NotADraft, ApproverIsAuthor and ApprovalRefused, which lists every reason.
    """
    await store.lock(tx.connection)
    demand_second_person(await _found(tx, version), by)
    now = utc_now()
    run = await store.dry_run_of(tx.connection, version)
    dates = await _dates(tx)
    faults = [
        *faults_of_effect(run, in_force=_in_force(dates, now), limit=limit, forced=said.forced),
        *faults_of_date(version, said.effective_from, dates, now),
    ]
    if faults:
        raise ApprovalRefused(faults)
    await store.change(tx.connection, version, effective_from=said.effective_from, **_rescheduling(now))
    details = {"effective_from": said.effective_from.isoformat(), "forced": said.forced}
    if run is not None:
        details["share_moved"] = run.share_moved
    await store.keep_act(tx.connection, version, "approved", by=by, at=now, reason=said.reason, details=details)


async def withdraw(tx: Transaction, version: int, reason: str, *, by: str) -> None:
    """Let a version never decide. Raises ScorecardNotFound, NotADraft and VersionInForce."""
    await store.lock(tx.connection)
    now = utc_now()
    release = await _found(tx, version)
    demand_withdrawable(release, now)
    cells: Mapping[str, Any] = {} if release.effective_from is None else _rescheduling(now)
    await store.change(tx.connection, version, withdrawn_at=now, **cells)
    await store.keep_act(tx.connection, version, "withdrawn", by=by, at=now, reason=reason)


def _rescheduling(now: datetime) -> dict[str, Any]:
    return {"reschedule_from": now + BRINGING_FORWARD_AFTER, "rescheduled_up_to": ""}


async def _found(tx: Transaction, version: int) -> Release:
    found = await store.find(tx.connection, version)
    if found is None:
        raise ScorecardNotFound("There is no scorecard of this version")
    return found


async def _dates(tx: Transaction) -> dict[int, datetime]:
    return {row["version"]: row["effective_from"] for row in await versions.approved(tx.connection)}


def _in_force(dates: Mapping[int, datetime], now: datetime) -> int:
    return max((version for version, since in dates.items() if since <= now), default=0)
