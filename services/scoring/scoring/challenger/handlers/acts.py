"""What people do to a challenger: each act is kept beside the others of its version, one at a time for all versions."""

from dataclasses import replace

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from scoring.challenger.domain.contest import (
    BEGINS_AFTER,
    Challenger,
    ChallengerEnded,
    ChallengerNotFound,
    ChallengerRefused,
)
from scoring.challenger.store import challengers
from scoring.scorecard.store import scorecards
from scoring.standing.store import book
from scoring.version import handlers as versions


async def enter(tx: Transaction, version: int, reason: str, *, by: str) -> Challenger:
    """Have a draft decide in shadow half a minute later. Raises VersionNotFound, NotADraft and ChallengerRefused."""
    (await versions.found(tx, scorecards, version)).demand_draft()
    present = await challengers.running(tx.connection)
    if present is not None:
        raise ChallengerRefused(f"Version {present.version} is the challenger: stop it first")
    if await challengers.find(tx.connection, version) is not None:
        raise ChallengerRefused("The version was the challenger before, and its record is kept: draft it again")
    now = utc_now()
    challenger = Challenger(version, now, now + BEGINS_AFTER, await book.count(tx.connection))
    await challengers.add(tx.connection, challenger)
    await scorecards.keep_act(tx.connection, version, "challenger-entered", by=by, at=now, reason=reason)
    return challenger


async def stop(tx: Transaction, version: int, reason: str, *, by: str) -> Challenger:
    """End the shadow; what was counted last is kept. Raises ChallengerNotFound and ChallengerEnded."""
    await scorecards.lock(tx.connection)
    present = await challengers.running(tx.connection)
    if present is None or present.version != version:
        if await challengers.find(tx.connection, version) is None:
            raise ChallengerNotFound
        raise ChallengerEnded("The version is the challenger no longer; what was counted last is kept")
    now = utc_now()
    await challengers.change(tx.connection, version, ended_at=now)
    await scorecards.keep_act(tx.connection, version, "challenger-stopped", by=by, at=now, reason=reason)
    return replace(present, ended_at=now)
