"""What people do to a version: each act is checked, has its effect and is kept, one at a time for all versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from scoring.version.documents import AsFile
from scoring.version.domain.faults import Fault
from scoring.version.domain.life import (
    ApprovalRefused,
    NeverInForce,
    Release,
    VersionAltered,
    VersionNotFound,
    WithdrawalNeedsApprover,
    faults_of_date,
)
from scoring.version.store import Versions


async def seed(connection: AsyncConnection, versions: Versions, files: Sequence[AsFile]) -> None:
    """Store what came as files unless something is stored.

    Raises VersionAltered where a stored version came from a file that now says something else.
    """
    stored = await versions.from_files(connection)
    if not stored:
        rows = [
            {"version": one.version, "document": one.model_dump(mode="json"), "effective_from": one.begins}
            for one in files
        ]
        await versions.keep(connection, rows)
    for one in files:
        # Compared as read: the same may be written in two ways.
        kept = stored.get(one.version)
        if kept is not None and type(one).model_validate(kept) != one:
            raise VersionAltered(f"{versions.noun} {kept['name']} {one.version} differs from what was in use")


async def found(tx: Transaction, versions: Versions, version: int) -> Release:
    """One version, which nobody else changes until the transaction ends. Raises VersionNotFound."""
    await versions.lock(tx.connection)
    release = await versions.release_of(tx.connection, version)
    if release is None:
        raise VersionNotFound(versions.noun, versions.table.name)
    return release


async def draft(
    tx: Transaction, versions: Versions, document: Mapping[str, Any], *, by: str, details: Mapping[str, Any] | None
) -> int:
    """Store a draft, which says its reason itself; returns its version."""
    await versions.lock(tx.connection)
    version = await versions.add_draft(tx.connection, document, by)
    said = {"reason": document["reason"], "details": details}
    await versions.keep_act(tx.connection, version, "drafted", by=by, at=utc_now(), **said)
    return version


async def former(tx: Transaction, versions: Versions, version: int) -> Any:
    """The document of a version that is or was in force. Raises NeverInForce."""
    now = utc_now()
    row = await versions.find(tx.connection, version, now)
    if row is None or row["status"] not in {"approved", "superseded"} or row["effective_from"] > now:
        raise NeverInForce("version: only one that is or was in force can be gone back to")
    return row["document"]


async def approve(
    tx: Transaction,
    versions: Versions,
    version: int,
    effective_from: datetime,
    reason: str,
    *,
    by: str,
    against: Sequence[Fault] = (),
    details: Mapping[str, Any] | None = None,
) -> None:
    """Have a draft be in force from a moment on. `against`: what else speaks against it.

    Raises VersionNotFound, NotADraft, ApproverIsAuthor and ApprovalRefused, which lists every reason.
    """
    (await found(tx, versions, version)).demand_second_person(by)
    now = utc_now()
    faults = [*against, *faults_of_date(version, effective_from, await versions.dates(tx.connection), now)]
    if faults:
        raise ApprovalRefused(faults)
    await versions.change(tx.connection, version, effective_from=effective_from)
    kept = {"effective_from": effective_from.isoformat(), **(details or {})}
    await versions.keep_act(tx.connection, version, "approved", by=by, at=now, reason=reason, details=kept)


async def withdraw(tx: Transaction, version: int, reason: str, *, of: Versions, by: str, may_approve: bool) -> Release:
    """Let a version never be in force; returns what it was. `may_approve`: who asks may also approve.

    Raises VersionNotFound, NotADraft, VersionInForce and WithdrawalNeedsApprover.
    """
    now = utc_now()
    release = await found(tx, of, version)
    release.demand_withdrawable(now)
    if release.effective_from is not None and not may_approve:
        raise WithdrawalNeedsApprover("The version was approved: ask who may approve to withdraw it")
    await of.change(tx.connection, version, withdrawn_at=now)
    await of.keep_act(tx.connection, version, "withdrawn", by=by, at=now, reason=reason)
    return release
